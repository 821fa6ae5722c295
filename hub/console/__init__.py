"""`kiosk fleet`: the admins' console on the command line. It speaks to the hub alone."""
