"""Field staff's tools."""
