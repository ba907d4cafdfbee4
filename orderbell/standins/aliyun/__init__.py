"""A stand-in for Aliyun SMS. ``python -m orderbell.standins.aliyun --help`` tells how it runs as a process."""
