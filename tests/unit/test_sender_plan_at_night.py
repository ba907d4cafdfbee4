"""Plans in quiet hours: what rings waits for their end, and what is urgent goes silently at once."""

from schemas.times import DAY, HOUR, MINUTE, SECOND
from tests.driver import START
from tests.sending import ANN, FOR_NOW, Post
from tests.unit.rules import rules_with
from tests.unit.test_sender_plan import NIGHT, STEP_WAIT, ann, channels


def test_nothing_rings_in_quiet_hours_and_what_is_urgent_goes_silently_at_once() -> None:
    post = Post(now=START + 23 * HOUR)
    post.customer(ann(), preferences=NIGHT)
    post.notify()
    post.held()
    assert not post.sends
    assert channels(post) == ["inbox"]
    assert post.outcomes == [("sent", "accepted")]
    post.wait(8 * HOUR - 91 * SECOND)
    assert not post.sends
    post.wait(2 * SECOND)
    assert post.send().request.number == f"+86{ANN}"


def late_in_the_evening(*channels: str) -> Post:
    """A text message went five minutes before the customer's quiet hours, and nothing is heard of it."""
    rules = rules_with(f"[kinds.payment_failed]\nchannels = {list(channels)}\nsilent = []")
    post = Post(now=START + 22 * HOUR - 5 * MINUTE - 90 * SECOND, rules=rules, providers=("aliyun", "jpush"))
    post.customer(ann(push_ids=["d1"]), preferences=NIGHT)
    post.notify()
    post.held().accept()
    return post


def test_a_silent_step_whose_time_comes_in_quiet_hours_is_taken_then() -> None:
    post = late_in_the_evening("sms", "inbox")
    post.wait(STEP_WAIT - SECOND)
    assert channels(post) == ["sms"]
    post.wait(2 * SECOND)
    assert channels(post) == ["sms", "inbox"]


def test_a_step_that_rings_and_whose_time_comes_in_quiet_hours_is_taken_when_they_end() -> None:
    post = late_in_the_evening("sms", "push", "inbox")
    post.driver.advance_to(START + DAY + 7 * HOUR - SECOND)
    assert not post.others
    post.wait(2 * SECOND)
    (push,) = post.others
    assert push.provider == "jpush"
    assert channels(post) == ["sms", "inbox"]  # the urgent notice lay in the inbox meanwhile


def test_a_step_that_waits_for_the_morning_is_not_needed_where_the_one_before_arrived_in_the_night() -> None:
    rules = rules_with("[kinds.payment_failed]\nchannels = ['sms', 'push']\nsilent = []")
    post = Post(now=START + 22 * HOUR - 5 * MINUTE - 90 * SECOND, rules=rules, providers=("aliyun", "jpush"))
    post.customer(ann(push_ids=["d1"]), preferences=NIGHT)
    post.notify()
    call = post.held().accept()
    post.wait(HOUR)
    post.report(call)
    post.wait(DAY)
    assert not post.others
    assert post.outcomes == [("sent", "accepted")]


def test_a_message_that_waits_for_the_end_of_quiet_hours_has_its_time_from_then_on() -> None:
    rules = rules_with("[kinds.shipment_stalled]\nwindow = 'always'\nchannels = ['sms', 'inbox']")
    post = Post(now=START + 23 * HOUR, rules=rules)
    post.customer(ann(), preferences=NIGHT)
    post.notify("shipment_stalled")
    post.driver.advance_to(START + DAY + 7 * HOUR + SECOND)
    post.accept()
    post.wait(STEP_WAIT - 5 * SECOND)
    assert channels(post) == ["sms"]
    post.wait(10 * SECOND)
    assert channels(post) == ["sms", "inbox"]


def test_a_message_that_was_refused_before_quiet_hours_has_had_its_time() -> None:
    rules = rules_with("[kinds.shipment_stalled]\nwindow = 'always'\nchannels = ['sms', 'inbox']")
    post = Post(now=START + 22 * HOUR - 91 * SECOND, rules=rules)
    post.customer(ann(), preferences=NIGHT)
    post.notify("shipment_stalled")
    post.held().refuse_for_now()
    post.wait(STEP_WAIT + MINUTE)
    assert channels(post) == ["inbox"]
    assert not post.sends


def test_what_comes_right_in_the_night_wakes_nobody_in_the_morning() -> None:
    post = Post(now=START + 23 * HOUR)
    post.customer(ann(), preferences=NIGHT)
    post.notify()
    post.held()
    post.settle()
    post.wait(DAY)
    assert channels(post) == ["inbox"]


def test_what_is_not_urgent_waits_for_the_morning() -> None:
    post = Post(now=START + 23 * HOUR, rules=rules_with("[kinds.shipment_stalled]\nwindow = 'always'"))
    post.customer(ann(), preferences=NIGHT)
    post.notify("shipment_stalled")
    post.wait(7 * HOUR)
    assert not post.receipts
    post.wait(HOUR)
    assert post.sends


def test_what_expires_in_quiet_hours_never_goes() -> None:
    post = Post(
        now=START + 23 * HOUR,
        rules=rules_with("[kinds.payment_failed]\nexpire_after = '1h'\nchannels = ['sms']\nsilent = []"),
    )
    post.customer(ann(), preferences=NIGHT)
    post.notify()
    post.wait(DAY)
    assert post.outcomes == [("expired", "overtaken")]
    assert not post.receipts


def test_what_goes_silently_at_night_and_can_not_go_stops_when_the_morning_s_message_arrives() -> None:
    rules = rules_with("[kinds.payment_failed]\nchannels = ['sms', 'email']")
    post = Post(rules=rules, providers=("aliyun", "smtp"), now=START + 7 * HOUR - 91 * SECOND)
    post.customer(ann(email="ann@x.com"), preferences=NIGHT)
    post.notify()
    post.held()
    [mail] = post.others
    post.wait(SECOND)
    text = post.accept()
    post.finish(mail, FOR_NOW)
    post.report(text)
    post.wait(MINUTE)
    assert not post.others
