"""All parts of the hub, in the order in which they are set up. A new one adds its line here."""

from __future__ import annotations

from hub import (
    announcement,
    api_health,
    api_kiosks,
    api_records,
    api_users,
    registry,
    retention,
)
from hub.context import Hub, Part


def parts(hub: Hub) -> list[Part]:
    """Each module's own, for this hub."""
    return [
        announcement.part(hub),
        registry.part(hub),
        retention.part(hub),
        api_health.part(hub),
        api_kiosks.part(hub),
        api_records.part(hub),
        api_users.part(hub),
    ]
