"""All parts of the hub, in the order in which they are set up. A new one adds its line here."""

from __future__ import annotations

from hub.context import Hub, Part


def parts(hub: Hub) -> list[Part]:
    """Each module's own, for this hub."""
    return []
