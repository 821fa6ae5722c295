"""Ears, voice and understanding: one file per engine, behind the Protocols of `base`."""
