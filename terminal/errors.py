"""The kiosk's one error tree; it lives in `fleet`, so that every room may raise it."""

from fleet.errors import EXIT_STATUS, Code, KioskError

__all__ = ["EXIT_STATUS", "Code", "KioskError"]
