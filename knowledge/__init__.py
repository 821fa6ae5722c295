"""Knowledge packs: the only place where answers come from."""
