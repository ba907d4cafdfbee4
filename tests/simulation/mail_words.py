"""What a simulated mail server says, and at which step of the dialogue it says no."""

from tests.simulation.manner import No, Words

NO_MAILBOX = "nobody.example.com"
"""Nobody has a mailbox at this host."""

WORDS = Words(
    noes={
        (421, "4.3.2"): 3,
        (450, "4.2.1"): 3,
        (451, "4.3.0"): 3,
        (452, "4.3.1"): 2,
        (530, "5.7.0"): 1,
        (550, "5.7.1"): 1,
        (552, "5.2.2"): 1,
        (554, "5.6.0"): 1,
        (554, "5.7.1"): 1,
    },
    busy=((421, "4.3.2"), (450, "4.2.1")),
    no_money=(452, "4.3.1"),
    no_rights=(530, "5.7.0"),
    no_template=(554, "5.6.0"),
    bad_number=(550, "5.1.1"),
    delivered="",
    failures={},
    dead_number="",
    nonsense=(),
)
CLOSING = 421
"""Whoever says this says nothing more."""
NONSENSE = (
    b"HTTP/1.1 502 Bad Gateway\r\n\r\n",
    b"\x00\x01\x02\r\n",
    b"251 2.0.0 perhaps\r\n",
    b"354 more\r\n",
)
"""Answers to a mail that tell nothing of what became of it."""
_AT = {"4.3.2": "MAIL", "4.3.1": "MAIL", "5.7.0": "MAIL", "4.3.0": "DATA", "5.6.0": "mail"}


def said_at(no: No) -> str:
    """To which command a no is the answer, or to the mail itself."""
    status, code = no
    return "mail" if status == 554 else _AT.get(code, "RCPT")
