"""The kiosk and its hub: what the device does of the fleet."""
