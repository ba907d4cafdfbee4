"""A stand-in for Tencent SMS. ``python -m orderbell.standins.tencent --help`` tells how it runs as a process."""
