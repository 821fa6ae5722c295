"""How this project's own small models are made; the kiosk itself never trains."""
