import pytest
from aiosmtplib.email import parse_address
from hypothesis import example, given
from hypothesis import strategies as st

from agents.gateways.smtp_message import mailbox, message_id, written
from schemas.calls import MailRequest
from streams.mail_settings import Sender
from tests.unit.upstream_words import ANY_CHARACTER

ODD = st.text(st.sampled_from("ab.@<>,;: \"\\()[]'\r\n\t\x00张%!+-_"), max_size=20)


@given(st.text(ANY_CHARACTER, max_size=30) | ODD | st.emails())
@example("a..b@x.example")
@example("a.@x.example")
@example("x" * 65 + "@x.example")
def test_an_address_that_is_one_goes_to_the_server_as_it_is(text: str) -> None:
    to = mailbox(text)
    if to is not None:
        assert to == text or not text.isascii()
        assert to.isascii()
        assert to.isprintable()
        assert parse_address(to) == to


@pytest.mark.parametrize(
    ("text", "to"),
    [
        ("zhang.san+a@shop.example", "zhang.san+a@shop.example"),
        ("a@例子.cn", "a@xn--fsqu00a.cn"),
        ("张三@shop.example", None),
        ("zhang san@shop.example", None),
        ("<a@b.example>", None),
    ],
)
def test_a_domain_may_be_in_another_script(text: str, to: str | None) -> None:
    assert mailbox(text) == to


def test_the_id_of_a_mail_follows_from_the_attempt_and_the_senders_domain() -> None:
    sender = Sender("寄卖行", "service@shop.example")
    assert message_id("C1.N-1_a.2", sender) == "C1.N-1_a.2@shop.example"
    assert message_id("a b>\r\n", sender) == "a-b---@shop.example"


@given(st.text(ANY_CHARACTER, max_size=300) | ODD, st.text(ANY_CHARACTER, max_size=300) | st.just(".\n..\n"))
def test_a_mail_is_short_lines_of_ascii_none_of_which_begins_with_a_full_stop(subject: str, text: str) -> None:
    request = MailRequest(to="", subject=subject, plain=text, html=text, out_id="C1.N1.1", call_by=0)
    raw = written(request, "a@customer.example", Sender(subject, "service@shop.example"), now=0)
    assert raw.isascii()
    assert raw.endswith(b"\r\n")
    for line in raw.split(b"\r\n"):
        assert len(line) <= 998
        assert not line.startswith(b".")
        assert not set(line) & set(b"\r\n\x00")


def test_the_longest_id_stands_on_one_line() -> None:
    out_id = f"{'C' * 64}.{'N' * 64}.999999"
    request = MailRequest(to="", subject="a", plain="a", html="a", out_id=out_id, call_by=0)
    raw = written(request, "a@customer.example", Sender("", "service@shop.example"), now=0)
    assert f"\r\nMessage-ID: <{out_id}@shop.example>\r\n".encode() in raw
