"""Which devices a kiosk has, by its settings."""

from __future__ import annotations

from terminal.config import PresenceSection, Settings
from terminal.health import Part
from terminal.screen.views import Camera


def sources(settings: Settings) -> dict[Part, str]:
    """The settings' names of the devices."""
    found: dict[Part, str] = {
        "microphone": settings.audio.microphone,
        "speaker": settings.audio.speaker,
        "camera": sight(settings).camera,
        "screen": f"{settings.screen.host}:{settings.screen.port}",
    }
    peripherals: dict[Part, str] = dict(settings.devices.named.items())
    return found | peripherals


def sight(settings: Settings) -> PresenceSection:
    """[presence], with camera and sensor off where nobody is to be greeted."""
    if settings.attention.policy == "touch":
        return settings.presence.model_copy(update={"camera": "off", "pir": "off"})
    return settings.presence


def sees(settings: Settings) -> bool:
    """Whether anything tells that somebody has come."""
    section = sight(settings)
    return section.camera != "off" or section.pir != "off"


def camera_of(settings: Settings) -> Camera:
    """Whose camera looks on, for the page and its sign."""
    match sight(settings).camera:
        case "off" | "browser" as known:
            return known
        case _:
            return "device"
