"""``python -m orderbell``."""

from orderbell.cli import main

main()
