"""A stand-in for JPush. ``python -m orderbell.standins.jpush --help`` tells how it runs as a process."""
