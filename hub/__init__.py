"""The cloud hub: ingest, registry, content and console."""
