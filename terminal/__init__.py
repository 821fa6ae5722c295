"""The kiosk program: one process per device."""
