"""``python -m tests.simulation.judge_the_judge``: how fast each planted defect is found. Prints the README's table."""

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import cache

import click

from tests.simulation.plan import Plan
from tests.simulation.plans import plan
from tests.simulation.planted import PLANTED, STORMY, can_show, planted
from tests.simulation.trial import trial

SEEN_AT: Mapping[str, int] = {
    "fence_skipped": 4,
    "call_before_its_journal_record": 8,
    "detected_by_the_wall_clock": 8,
    "slots_without_bound": 5,
    "slot_taken_after_sending": 11,
    "opt_out_read_once": 1,
    "unknown_taken_as_rejected": 1,
    "unknown_taken_as_accepted": 1,
    "erasure_ignored": 7,
    "report_before_acceptance_dropped": 7,
    "nothing_expires": 4,
    "absence_counts_at_once": 1,
    "call_by_too_long": 29,
    "a_consignor_hears_the_merchant_s_words": 4,
    "a_delay_report_is_a_movement": 2,
    "what_is_given_up_goes_on": 7,
    "each_provider_counts_its_own_attempts": 4,
    "replies_to_tencent_are_unheard": 7,
    "only_the_first_provider_is_asked": 4,
    "a_no_is_every_providers": 19,
    "a_bar_is_never_lifted": 1,
    "what_is_on_its_way_counts_for_no_cap": 14,
    "what_was_refused_counts_for_the_cap": 9,
    "the_cap_is_for_all_kinds": 9,
    "a_repeat_is_repeated": 20,
    "it_is_repeated_at_once": 5,
    "a_repeat_is_not_recorded": 20,
    "tell_is_not_heard": 13,
    "a_feed_that_is_back_is_not_heard": 2,
    "drop_is_not_heard": 6,
    "a_coupon_is_forgotten_with_its_customer": 4,
    "what_lies_in_the_inbox_is_enough": 1,
    "each_contact_has_an_inbox": 1,
    "nothing_is_muted": 4,
    "wishes_are_read_once": 1,
    "a_push_that_was_under_way_goes_again": 9,
    "the_second_post_is_another_push": 9,
    "one_dead_device_is_all": 5,
    "a_plan_never_takes_its_next_step": 7,
    "no_reply_to_a_mail_is_a_yes": 1,
    "what_did_not_arrive_is_waited_for": 7,
    "whoever_has_a_coupon_agreed": 2,
    "coupons_are_told_at_any_hour": 1,
    "an_r_is_not_looked_at": 11,
    "a_coupon_rides_now_and_then": 3,
    "another_provider_is_tried_in_doubt": 1,
    "absence_counts_at_tencent": 1,
    "no_answer_of_tencent_is_a_no": 1,
    "no_answer_of_tencent_is_a_yes": 1,
    "every_kind_is_repeated": 20,
    "a_mailbox_that_is_none_is_tried_again": 1,
}
"""A seed at which a defect was found once, where it was not found at 0. It is looked at first, which saves time where
it is still found there, and else says nothing."""


def seeds(name: str, most: int) -> Iterator[int]:
    """The first ``most`` seeds, in the order in which a defect is looked for."""
    seen_at = SEEN_AT.get(name, 0)
    yield seen_at
    yield from (seed for seed in range(most) if seed != seen_at)


def broken_by(name: str, seed: int) -> list[str]:
    """The promises that are broken in the hard, or the stormy, run of ``seed`` because of a defect that is in it."""
    of = _plan(seed, stormy=name in STORMY)
    if not can_show(name, of):
        return []
    with planted(name):
        broken = trial(of).broken
    return [promise for promise in broken if promise not in _broken_anyway(seed, stormy=name in STORMY)]


@cache
def _broken_anyway(seed: int, *, stormy: bool) -> list[str]:
    return trial(_plan(seed, stormy=stormy)).broken


def _plan(seed: int, *, stormy: bool) -> Plan:
    return plan(seed, stormy=True) if stormy else plan(seed, hard=True)


@click.command()
@click.option("--seeds", default=40, show_default=True)
@click.argument("names", nargs=-1)
def main(seeds: int, names: tuple[str, ...]) -> None:
    """Plays the same seeds with each defect (or those named) in turn."""
    print("| defect | breaks | found in | first by seed |\n|---|---|---|---|")
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for name in names or PLANTED:
            found = list(pool.map(broken_by, [name] * seeds, range(seeds)))
            hits = [seed for seed, broken in enumerate(found) if broken]
            promises = Counter(promise for broken in found for promise in broken)
            breaks = ", ".join(promise for promise, _ in promises.most_common())
            first = hits[0] if hits else "never"
            print(f"| {name.replace('_', ' ')} | {breaks} | {len(hits)} of {seeds} | {first} |", flush=True)


if __name__ == "__main__":
    main()
