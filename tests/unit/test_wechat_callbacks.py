"""What becomes of what the WeChat platform pushes: read, answered, stored, joined."""

import hashlib
import json
from base64 import b64decode
from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import msgspec
import pytest
from aiohttp import ClientResponse
from prometheus_client import generate_latest
from structlog.testing import capture_logs

from agents import receipts
from agents.gateways.wechat_callbacks import FORMAT, fits, report
from schemas.callbacks import Callback
from schemas.calls import ErrorClass
from schemas.reports import ProviderMessage
from schemas.times import SECOND
from streams import topics
from streams.errors import Invalid
from tests.clock import START
from tests.driver import Driver, record
from tests.webport import TOKEN, Port, web_port
from tests.wechat_callbacks import MSGID, OPENID, an_event, xml

CALLBACKS, MESSAGES = topics.PROVIDER_CALLBACKS.name, topics.PROVIDER_MESSAGES.name
KEY = f"wechat:{MSGID}"
PATH = f"/callbacks/wechat/{TOKEN}"
SOMETHING_ELSE = (
    xml(ToUserName="gh_1", FromUserName=OPENID, CreateTime=1, MsgType="text", Content="TD", MsgId=1),
    xml(ToUserName="gh_1", FromUserName=OPENID, CreateTime=1, MsgType="event", Event="unsubscribe", EventKey=""),
    xml(ToUserName="gh_1", FromUserName=OPENID, CreateTime=1, MsgType="event", Event="VIEW", EventKey="http://a/"),
    b"<xml><MsgType>event</MsgType><Event>pic_weixin</Event><SendPicsInfo><PicList><item><PicMd5Sum>1</PicMd5Sum>"
    b"</item></PicList></SendPicsInfo></xml>",
)


@pytest.fixture
async def port() -> AsyncIterator[Port]:
    async with web_port() as port:
        yield port


def signature(token: str, timestamp: str = "1714037059", nonce: str = "486452656") -> dict[str, str]:
    """What the platform adds to a request of an account with that token."""
    signed = hashlib.sha1("".join(sorted([token, timestamp, nonce])).encode()).hexdigest()
    return {"signature": signed, "timestamp": timestamp, "nonce": nonce}


async def push(port: Port, body: bytes, query: dict[str, str] | None = None, path: str = PATH) -> tuple[int, str]:
    async with port.client.post(path, params=query, data=BytesIO(body), headers={"Content-Type": "text/xml"}) as answer:
        return answer.status, await answer.text()


async def asked(port: Port, query: dict[str, str], path: str = PATH) -> tuple[int, str, str]:
    answer: ClientResponse
    async with port.client.get(path, params=query) as answer:
        return answer.status, answer.headers["Content-Type"].partition(";")[0], await answer.text()


# Reading.


def test_an_event_says_that_a_message_arrived() -> None:
    read = report(an_event())
    assert read is not None
    assert (read.key, read.delivered, read.code, read.error_class) == (KEY, True, None, None)
    assert (read.reported_at, read.number, read.owner) == (START + 5 * SECOND, None, None)


@pytest.mark.parametrize(
    ("status", "code", "error_class"),
    [
        ("failed:user block", "user_block", ErrorClass.OPTED_OUT),
        ("failed: system failed", "system_failed", ErrorClass.RETRY_LATER),
        ("failed:system failed", "system_failed", ErrorClass.RETRY_LATER),
        ("failed:freq limit", "freq_limit", ErrorClass.RATE_LIMITED),
        ("failed:something new", "something_new", ErrorClass.UNKNOWN),
        ("FAILED:User  Block", "user_block", ErrorClass.OPTED_OUT),
        ("failed", None, None),
        ("failed:o6_bmjr 某人", None, None),
    ],
)
def test_an_event_says_why_a_message_did_not_arrive_and_never_in_free_text(
    status: str, code: str | None, error_class: ErrorClass | None
) -> None:
    read = report(an_event(Status=status))
    assert read is not None
    assert (read.delivered, read.code, read.error_class) == (False, code, error_class)


@pytest.mark.parametrize("element", SOMETHING_ELSE)
def test_whatever_else_happens_to_the_account_is_no_report(element: bytes) -> None:
    assert report(element) is None


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"MsgID": None}, "missing_field"),
        ({"MsgID": "0"}, "missing_field"),  # it would join all messages that have it
        ({"MsgID": ""}, "missing_field"),
        ({"MsgID": "-1"}, "bad_value"),
        ({"MsgID": "1" * 33}, "bad_value"),
        ({"MsgID": "１"}, "bad_value"),
        ({"Status": None}, "missing_field"),
        ({"Status": "perhaps"}, "bad_value"),
    ],
)
def test_what_can_not_be_read_is_said(fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(Invalid) as why:
        report(an_event(**fields))
    assert why.value.reason == reason


def test_without_a_readable_time_there_is_none() -> None:
    for time in (None, "soon", "1" * 12):
        read = report(an_event(CreateTime=time))
        assert read is not None
        assert read.reported_at is None


@pytest.mark.parametrize(
    ("token", "takes"),
    [("abc", True), ("A1" * 16, True), ("ab", False), ("a" * 33, False), ("a-b-c", False), ("令牌令牌", False)],
)
def test_the_platform_takes_a_token_of_letters_and_digits(token: str, takes: bool) -> None:
    assert fits(token) == takes


# The web port.


def test_the_signature_is_the_documented_one() -> None:
    """The example of the vendor's documentation."""
    assert FORMAT.signed is not None
    query = {"signature": "899cf89e464efb63f54ddac96b0a0a235f53aa78", "timestamp": "1714037059", "nonce": "486452656"}
    assert FORMAT.signed(query, "AAAAA")
    assert not FORMAT.signed(query, "AAAAB")
    assert FORMAT.signed(query | {"signature": query["signature"].upper()}, "AAAAA")


async def test_the_accounts_check_is_answered_with_what_it_sent_along(port: Port) -> None:
    echo = {"echostr": "4375120948345356249"}
    for query in (echo, echo | signature(TOKEN)):
        assert await asked(port, query) == (200, "text/plain", "4375120948345356249")
    assert await asked(port, {}) == (200, "text/plain", "")


@pytest.mark.parametrize(
    "query",
    [
        signature("another"),
        signature(TOKEN) | {"nonce": "1"},
        {"signature": signature(TOKEN)["signature"]},
        {"signature": ""},
        {"signature": "签名"},
    ],
)
async def test_what_is_signed_with_another_token_is_not_found(port: Port, query: dict[str, str]) -> None:
    with capture_logs() as logs:
        assert (await asked(port, query | {"echostr": "1"}))[0] == 404
        assert (await push(port, an_event(), query))[0] == 404
    assert port.callbacks == []
    assert [log["event"] for log in logs] == 2 * ["callback_signed_with_another_token"]
    assert TOKEN not in str(logs)


async def test_a_wrong_path_is_not_found(port: Port) -> None:
    for path in ("/callbacks/wechat/wrong", f"{PATH}/receipts", "/callbacks/wechat"):
        assert (await push(port, an_event(), signature(TOKEN), path))[0] == 404
        assert (await asked(port, {"echostr": "1"}, path))[0] == 404
    assert port.callbacks == []


@pytest.mark.parametrize("query", [{}, signature(TOKEN), signature(TOKEN) | {"openid": OPENID}])
async def test_an_event_is_stored_as_it_came_and_answered_as_the_vendor_expects(
    port: Port, query: dict[str, str]
) -> None:
    event = an_event()
    assert await push(port, event, query) == (200, "success")
    (stored,) = port.callbacks
    callback = msgspec.json.decode(stored.value or b"", type=Callback)
    assert stored.key == KEY.encode()
    assert (callback.provider, callback.what, json.loads(bytes(callback.element))) == (
        "wechat",
        "receipt",
        event.decode(),
    )


async def test_in_the_compatible_mode_the_plain_part_counts(port: Port) -> None:
    assert await push(port, an_event(Encrypt="MOEJkz1VYnBN6Kh9w1yr5Pke==")) == (200, "success")
    assert [record.key for record in port.callbacks] == [KEY.encode()]


@pytest.mark.parametrize("body", SOMETHING_ELSE)
async def test_whatever_else_happens_to_the_account_is_answered_and_not_kept(port: Port, body: bytes) -> None:
    assert await push(port, body, signature(TOKEN)) == (200, "success")
    assert port.callbacks == port.opt_outs == []


async def test_a_follower_who_blocks_the_account_stops_no_text_messages(port: Port) -> None:
    assert await push(port, an_event(Status="failed:user block")) == (200, "success")
    assert (len(port.callbacks), port.opt_outs) == (1, [])


async def test_an_event_that_can_not_be_read_is_stored_for_the_dead_letters(port: Port) -> None:
    assert await push(port, an_event(MsgID=0)) == (200, "success")
    assert [record.key for record in port.callbacks] == [b"wechat:unread"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense",
        b"<xml></xml>",
        b"[]",
        b"{}",
        b"1",
        b'{"MsgType":"event","Event":"TEMPLATESENDJOBFINISH","MsgID":1,"Status":"success"}',
        b"<xml><MsgType>\xff</MsgType></xml>",
        xml(ToUserName="gh_1", Encrypt="MOEJkz1VYnBN6Kh9w1yr5Pke=="),
        b'<!DOCTYPE xml [<!ENTITY x SYSTEM "file:///etc/passwd">]><xml><MsgType>&x;</MsgType></xml>',
        b"<xml>" + b"<a>" * 100_000,
    ],
    ids=lambda body: repr(body[:20]),
)
async def test_what_has_the_wrong_shape_is_refused(port: Port, body: bytes) -> None:
    assert (await push(port, body))[0] == 400
    assert port.callbacks == []


async def test_what_is_too_large_is_refused(port: Port) -> None:
    assert (await push(port, an_event(Event="x" * 1024 * 1024)))[0] == 413


async def test_an_event_is_answered_only_when_it_is_durable(port: Port) -> None:
    port.writer.refuse = True
    assert (await push(port, an_event()))[0] == 503
    shown = generate_latest(port.metrics.registry).decode()
    assert 'orderbell_callbacks_total{answer="503",provider="wechat",what="receipt"} 1.0' in shown


# The agent.


@pytest.mark.parametrize("report_first", [True, False])
def test_an_event_is_joined_with_its_message_whichever_comes_first(report_first: bool) -> None:
    driver = Driver(receipts.kind(), None)
    message = ProviderMessage(provider="wechat", message_id=MSGID, customer_id="C1", notification_id="N1", attempt=2)
    records = [
        record(CALLBACKS, KEY, _stored(an_event(Status="failed:user block"))),
        record(MESSAGES, message.key, msgspec.json.encode(message)),
    ]
    driver.feed(*(records if report_first else reversed(records)))
    assert driver.take(topics.MESSAGE_REPORTS.name) == [
        {
            "customer_id": "C1",
            "notification_id": "N1",
            "attempt": 2,
            "provider": "wechat",
            "provider_message_id": MSGID,
            "status": "undelivered",
            "reported_at": "2025-11-24T16:00:05Z",
            "code": "user_block",
            "reason": "opted_out",
        }
    ]


def test_an_event_that_can_not_be_read_becomes_a_dead_letter_as_it_came() -> None:
    driver = Driver(receipts.kind(), None)
    driver.feed(record(CALLBACKS, "wechat:unread", _stored(an_event(MsgID=0))))
    (letter,) = driver.take(topics.DEAD_LETTERS.name)
    assert letter["reason"] == "missing_field"
    assert b64decode(letter["value"]) == an_event(MsgID=0)


def _stored(event: bytes) -> bytes:
    received_at = "2025-11-24T16:00:00Z"
    return json.dumps(
        {"provider": "wechat", "what": "receipt", "element": event.decode(), "received_at": received_at}
    ).encode()
