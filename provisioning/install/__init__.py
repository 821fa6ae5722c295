"""Installing a verified bundle, and going between installed versions.

Runs from the bundle's own wheel before there is a virtual environment: the standard library only,
but for `settings`, which runs in the new version's environment.
"""
