"""Free ports on the loopback."""

import random
import socket

HOST = "127.0.0.1"
# Below what systems hand out by themselves (from 32768 on). A client that keeps dialling the port of a dead broker
# is given that very port as its own one day, is connected to itself, and the broker can't come back.
LOWEST, HIGHEST = 20_000, 32_767


def choose(last: tuple[int, int] | None) -> tuple[int, int]:
    """Two free ports, for the broker and the controller: those used last where they are free."""
    ours = range(LOWEST, HIGHEST + 1)
    if last and last[0] != last[1] and all(port in ours and is_free(port) for port in last):
        return last
    free = (port for port in random.sample(ours, len(ours)) if is_free(port))
    return next(free), next(free)


def is_free(port: int) -> bool:
    """Whether a server could listen on ``port`` now."""
    with socket.socket() as probe:
        # As Java's own server sockets do: connections that linger after a kill are no hindrance.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True
