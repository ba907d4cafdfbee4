"""Defects of what advertises, for ``planted``."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any
from zlib import crc32

from msgspec.structs import replace

from schemas.outputs import CouponTold
from streams.operators.opt_out_table import OptOutTable
from streams.operators.sending import coupons
from streams.policy import coupon
from streams.policy.window import ALWAYS
from tests.simulation.planted_vendors import in_place_of


def whoever_has_a_coupon_agreed(stack: ExitStack) -> None:
    """Consent is not asked for."""
    whole = coupons.ride

    def ride(desk: Any, notification: Any, members: Any, cases: Any, to: Any, profile: Any, way: Any) -> Any:
        return whole(desk, notification, members, cases, to, replace(profile, marketing_consent=True), way)

    in_place_of(stack, coupons, "ride", ride)


def coupons_are_told_at_any_hour(stack: ExitStack) -> None:
    """Marketing goes when the notice does."""
    in_place_of(stack, coupon, "HOURS", ALWAYS)


def an_r_is_not_looked_at(stack: ExitStack) -> None:
    """Only a stop of everything keeps an advertisement back."""
    in_place_of(stack, OptOutTable, "stopped_marketing", OptOutTable.stopped)


def a_coupon_never_rides(stack: ExitStack) -> None:
    """Each lies in the inbox alone."""
    in_place_of(stack, coupons, "ride", lambda *told: (told[-1], CouponTold.NO_TEXT))


def a_coupon_rides_now_and_then(stack: ExitStack) -> None:
    """For no reason one goes and the next does not."""
    whole = coupons.ride

    def ride(desk: Any, notification: Any, *told: Any) -> Any:
        goes = crc32(notification.notification_id.encode()) % 2
        return whole(desk, notification, *told) if goes else (told[-1], CouponTold.NO_TEXT)

    in_place_of(stack, coupons, "ride", ride)


DEFECTS: tuple[Callable[[ExitStack], None], ...] = (
    whoever_has_a_coupon_agreed,
    coupons_are_told_at_any_hour,
    an_r_is_not_looked_at,
    a_coupon_never_rides,
    a_coupon_rides_now_and_then,
)
