"""All parts of the hub, in the order in which they are set up. A new one adds its line here."""

from __future__ import annotations

from hub import (
    announcement,
    api_commands,
    api_enrol,
    api_health,
    api_kiosks,
    api_packs,
    api_records,
    api_rollouts,
    api_users,
    registry,
    retention,
    shelf,
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
        shelf.part(hub),
        api_packs.part(hub),
        api_rollouts.part(hub),
        api_commands.part(hub),
        api_enrol.part(hub),
    ]
