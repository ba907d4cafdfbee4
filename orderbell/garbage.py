"""How often Python looks for garbage in circles."""

import gc


def look_seldom() -> None:
    """What is there by now is never looked at again, and what comes far less often than by default.

    A turn makes and lets go of thousands of objects, none of them in circles, which is what sets the collector off;
    each of its rounds goes through all that the worker remembers, at a tenth of the detect path's processor time.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
