from datetime import UTC, datetime
from decimal import Decimal

from schemas.calls import MailRequest
from schemas.times import micros
from streams.operators.sending.words import message
from streams.policy.case import Case
from streams.policy.mail import written
from streams.policy.text import units
from tests.unit.rules import RULES, rules_with

NOW = micros(datetime(2026, 11, 30, 8, tzinfo=UTC))
CANCELLED = Case("order_cancelled", "A1", {"paid": True, "amount": "88.00", "refund_days": 3}, NOW)
FAILED = Case("payment_failed", "A2", {"reason": "card_error"}, NOW)


def test_a_mail_goes_to_its_address_in_both_forms() -> None:
    found = message([CANCELLED, FAILED, FAILED], RULES, "smtp", "a@customer.example")
    mail = written([CANCELLED, FAILED, FAILED], RULES)
    assert found is not None
    assert mail is not None
    assert found.write("C1.N1.1", 7) == MailRequest(
        to="a@customer.example", subject=mail.subject, plain=mail.plain, html=mail.html, out_id="C1.N1.1", call_by=7
    )
    assert (found.template_id, found.segments, found.price) == ("cancel_paid+pay", 1, Decimal(0))
    assert found.units == units(mail.plain)


def test_what_mails_have_no_text_for_has_no_message() -> None:
    assert message([FAILED], rules_with("[mail.texts.pay]\nenabled = false"), "smtp", "a@customer.example") is None


def test_who_is_to_be_called_is_told_so() -> None:
    dear = Case("order_cancelled", "A1", {"paid": True, "amount": "5000.00"}, NOW)
    found = message([dear, CANCELLED], RULES, "smtp", "a@customer.example")
    assert found is not None
    assert found.template_id == "cancel_call+cancel_paid"
