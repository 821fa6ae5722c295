"""Words and context in, one approved Reply out."""
