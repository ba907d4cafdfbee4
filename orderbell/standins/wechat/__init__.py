"""A stand-in for the WeChat platform. ``python -m orderbell.standins.wechat --help`` tells how it runs as a process."""
