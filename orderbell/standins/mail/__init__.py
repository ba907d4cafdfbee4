"""A mail server that looks closely at what it is given, keeps it, and fails when told to."""
