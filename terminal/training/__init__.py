"""Training that needs the whole kiosk: its packs, its ears, its index."""
