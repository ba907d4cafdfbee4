"""What all tests share."""

from hypothesis import settings

# Deadlines of single examples measure the machine, not the code; pytest-timeout bounds each test as a whole.
settings.register_profile("orderbell", deadline=None)
settings.load_profile("orderbell")
