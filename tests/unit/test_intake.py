"""What is kept of a push by a vendor that tells of more than messages, and not in JSON."""

import msgspec

from agents.gateways.packing import Packing
from agents.gateways.pushed import Format, Push, Report
from agents.web.intake import Intake
from schemas.callbacks import Callback
from streams.operators.opt_out_table import OptOutTable
from tests.clock import START
from tests.webport import HASHER


def _report(element: bytes) -> Report | None:
    if not element.startswith(b"<done>"):
        return None
    return Report("acme", None, True, None, None, element.decode()[6:-7], None, None, None)


ACME = Format(
    provider="acme",
    pushes={"receipt": Push("", Packing(lambda body: body.splitlines(), json=False))},
    taken=b"success",
    report=_report,
    media="text/plain",
)


def test_what_tells_nothing_of_a_message_is_not_kept() -> None:
    body = b"<said>hello</said>\n<done>7</done>"
    (output,) = Intake(HASHER, OptOutTable(HASHER)).take(
        ACME, "receipt", ACME.pushes["receipt"].packing.apart(body), START
    )
    assert output.key == b"acme:7"
    stored = msgspec.json.decode(output.value or b"", type=Callback)
    assert bytes(stored.element) == b'"<done>7</done>"'
