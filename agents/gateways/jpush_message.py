"""A push as JPush wants it (vendor documentation of the push API v3)."""

from typing import Any

import msgspec

from schemas.calls import PushRequest
from streams.policy.echo import parse

_SHORTER = {
    "xiaomi": "mipns_content_forshort",
    "oppo": "oppns_content_forshort",
    "vivo": "vpns_content_forshort",
    "meizu": "mzpns_content_forshort",
}
"""Where a phone maker's channel finds words of its own."""
_SYSTEM_MESSAGE = 1
"""The class of what concerns one user alone, such as an order; what is advertised has small daily allowances."""


def message(request: PushRequest, cid: str) -> bytes:
    """The body of ``POST /v3/push``."""
    options = request.options
    ours = parse(request.out_id)
    extras = {"order_id": request.order_id} | ({} if ours is None else {"notification_id": ours.notification_id})
    by_platform = {"android": _android(request, extras), "ios": _ios(request, extras), "hmos": _hmos(request, extras)}
    body: dict[str, Any] = {
        "cid": cid,
        "platform": options.platforms,
        "audience": {"registration_id": request.devices},
        "notification": {platform: by_platform[platform] for platform in options.platforms},
        "options": {"time_to_live": options.time_to_live, "classification": _SYSTEM_MESSAGE},
    }
    if options.channels:
        body["options"]["third_party_channel"] = options.channels
    if options.reports:
        # A report brings back what stands here; the kinds of reports are those that the account has.
        body["callback"] = {"params": {"out_id": request.out_id, "devices": str(len(request.devices))}}
    return msgspec.json.encode(body)


def _android(request: PushRequest, extras: dict[str, str]) -> dict[str, Any]:
    shorter = {_SHORTER[maker]: words for maker, words in request.shorter.items()}
    android: dict[str, Any] = {"alert": request.body, "title": request.title, "extras": {**extras, **shorter}}
    if request.options.channel_id is not None:
        android["channel_id"] = request.options.channel_id
    if request.options.open_with is not None:
        android["intent"] = {"url": request.options.open_with}
    return android


def _ios(request: PushRequest, extras: dict[str, str]) -> dict[str, Any]:
    return {"alert": {"title": request.title, "body": request.body}, "sound": "default", "extras": extras}


def _hmos(request: PushRequest, extras: dict[str, str]) -> dict[str, Any]:
    category = {} if request.options.category is None else {"category": request.options.category}
    return {"alert": request.body, "title": request.title, "extras": extras, **category}
