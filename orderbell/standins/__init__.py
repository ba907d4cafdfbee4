"""Stand-ins for what is at the far end: they speak the vendors' formats, so that all of ours is the real thing."""
