"""Makes the rules in force of the defaults and of what an operator lays over them."""

from streams.policy.rules import Rules


def load(defaults: str, overlay: str | None = None, name: str = "default rules") -> Rules:
    """The rules that the TOML text ``defaults`` gives with ``overlay`` laid over it, key by key.

    ``name`` is how errors call the file that ``overlay`` came from. Raises ``Misconfigured``, one line with file
    and key, and then nothing has changed.
    """
    raise NotImplementedError
