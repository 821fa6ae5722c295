"""Microphone, speaker, camera, screen: one Protocol each, with real and file-backed adapters."""
