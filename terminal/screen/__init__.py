"""The kiosk's web page: served here, spoken to over one websocket."""
