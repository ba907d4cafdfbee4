"""A shop on the log in memory, stopped in the midst of its work: what one version leaves, the next goes on with.

``record.py`` plays ``story.py`` up to the stop and writes down the log. It uses only what the versions have in common,
so it runs in a checkout of a former one; ``format-N.jsonl`` is what that one left.
"""
