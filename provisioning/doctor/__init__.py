"""`kiosk doctor`: is this kiosk well, and what is to be done where it is not?"""
