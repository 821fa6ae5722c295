"""What the terminal and the hub must agree on."""
