"""A field technician's day, walked on one machine: `python -m provisioning.prove BUNDLE NEWER`."""
