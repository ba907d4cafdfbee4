"""``python -m orderbell``, for where the console script is not on the path."""

from orderbell.cli import main

if __name__ == "__main__":
    main()
