"""The reader of what strangers may post, too."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.gateways.flat_xml import fields
from streams.errors import Invalid
from tests.wechat_callbacks import an_event, xml

NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,20}", fullmatch=True)
TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")).filter(
    lambda text: "]]>" not in text
)


@given(st.dictionaries(NAMES, TEXTS))
def test_each_text_stands_under_its_name(written: dict[str, str]) -> None:
    assert fields(xml(**written), "xml") == written


def test_texts_may_come_with_and_without_cdata_and_in_pieces() -> None:
    document = b"<xml>\n <a>1</a><b><![CDATA[<2>]]></b><c>x&amp;&#121;<![CDATA[z]]></c><d/></xml>"
    assert fields(document, "xml") == {"a": "1", "b": "<2>", "c": "x&yz", "d": ""}


def test_what_lies_deeper_is_left_out() -> None:
    document = b"<xml><a>1<b>2<c>3</c></b>4</a><e>5</e>6</xml>"
    assert fields(document, "xml") == {"a": "14", "e": "5"}


BOMB = b"""<!DOCTYPE xml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><xml><x>&b;</x></xml>"""


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"nonsense",
        b"<xml>",
        b"<xml></xml><xml></xml>",
        b"<html></html>",
        b"<xml><a></xml>",
        b"<xml>\xff</xml>",
        b"<xml>\x00</xml>",
        b"<xml>&nbsp;</xml>",
        '<?xml version="1.0" encoding="utf-16"?><xml/>'.encode("utf-16"),
        b"<!DOCTYPE xml><xml/>",
        BOMB,
        b'<!DOCTYPE xml [<!ENTITY x SYSTEM "file:///etc/passwd">]><xml><x>&x;</x></xml>',
        b'<!DOCTYPE xml SYSTEM "http://127.0.0.1/x.dtd"><xml/>',
        b"<xml>" + 8 * b"<a>" + 8 * b"</a>" + b"</xml>",
        b"<xml>" + b"<a>" * 500_000,
    ],
    ids=lambda document: repr(document[:30]),
)
def test_what_is_none_or_has_a_declaration_is_refused(document: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        fields(document, "xml")
    assert "passwd" not in str(refused.value)


@given(st.binary(max_size=200) | st.integers(0, 300).map(lambda cut: an_event()[:cut]))
def test_whatever_bytes_come_nothing_else_is_raised(document: bytes) -> None:
    try:
        read = fields(document, "xml")
    except Invalid:
        return
    assert all(isinstance(value, str) for value in read.values())
