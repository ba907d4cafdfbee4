import re
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.calls import ErrorClass
from streams.policy.smtp_replies import Step, smtp_class, smtp_code

STEPS = st.sampled_from(get_args(Step))
WORDS = st.text(max_size=20)


@given(STEPS, st.integers(400, 499), WORDS)
def test_what_is_for_now_is_tried_again(step: Step, code: int, text: str) -> None:
    assert smtp_class(step, code, text) in (
        ErrorClass.RETRY_LATER,
        ErrorClass.RATE_LIMITED,
        ErrorClass.NUMBER_UNAVAILABLE,
    )


@given(STEPS, st.integers(400, 599), WORDS)
def test_only_at_the_recipient_is_the_mailbox_in_trouble_without_an_enhanced_code(
    step: Step, code: int, text: str
) -> None:
    about_it = smtp_class(step, code, "no " + text) in (ErrorClass.BAD_NUMBER, ErrorClass.NUMBER_UNAVAILABLE)
    assert not about_it or step == "recipient"


@given(STEPS, st.integers(400, 599), st.from_regex(r"[245]\.[0-9]{1,3}\.[0-9]{1,3} .*") | WORDS)
def test_a_code_holds_nothing_of_the_words(step: Step, code: int, text: str) -> None:
    assert re.fullmatch(r"[45][0-9]{2}(-[45]\.[0-9]{1,3}\.[0-9]{1,3})?", smtp_code(code, text))
    assert smtp_class(step, code, text) in ErrorClass


@pytest.mark.parametrize("text", ["4.1.1 later", "5.1", "5.1.1.1", "5.1.1234", "55.1.1", "no 5.1.1", ""])
def test_what_does_not_fit_the_reply_is_no_enhanced_code(text: str) -> None:
    assert smtp_code(550, text) == "550"


@pytest.mark.parametrize(
    ("step", "code", "text", "error_class"),
    [
        ("recipient", 550, "5.1.1 unknown", ErrorClass.BAD_NUMBER),
        ("mail", 550, "5.1.1 unknown after all", ErrorClass.BAD_NUMBER),
        ("recipient", 550, "5.1.10 null MX", ErrorClass.BAD_NUMBER),
        ("recipient", 556, "", ErrorClass.BAD_NUMBER),
        ("recipient", 552, "5.2.2 full", ErrorClass.NUMBER_UNAVAILABLE),
        ("recipient", 552, "", ErrorClass.NUMBER_UNAVAILABLE),
        ("recipient", 550, "5.4.1 access denied", ErrorClass.BAD_NUMBER),
        ("recipient", 550, "5.3.0 trouble", ErrorClass.UNKNOWN),
        ("recipient", 550, "5.7.1 not to him", ErrorClass.UNKNOWN),
        ("recipient", 550, "5.7.25 no name", ErrorClass.CONFIGURATION),
        ("recipient", 530, "", ErrorClass.CONFIGURATION),
        ("recipient", 554, "", ErrorClass.UNKNOWN),
        ("recipient", 452, "4.5.3 too many", ErrorClass.RATE_LIMITED),
        ("recipient", 450, "", ErrorClass.NUMBER_UNAVAILABLE),
        ("login", 535, "5.7.8 wrong", ErrorClass.CONFIGURATION),
        ("login", 454, "4.7.0 later", ErrorClass.RETRY_LATER),
        ("tls", 554, "", ErrorClass.CONFIGURATION),
        ("sender", 550, "", ErrorClass.CONFIGURATION),
        ("mail", 550, "", ErrorClass.CONTENT),
        ("mail", 554, "5.6.0 malformed", ErrorClass.CONTENT),
        ("data", 503, "", ErrorClass.UNKNOWN),
    ],
)
def test_a_reply_means_what_can_be_done_about_it(step: Step, code: int, text: str, error_class: ErrorClass) -> None:
    assert smtp_class(step, code, text) is error_class
