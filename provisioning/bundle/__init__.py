"""The bundle: everything that a kiosk without a network is installed from, on a stick."""
