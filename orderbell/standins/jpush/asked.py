"""What can be asked of the push API v3, and what is wrong with what is asked (vendor documentation)."""

import re
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

MISSING, WRONG, TOO_LARGE, UNKNOWN_KEY = 1002, 1003, 1005, 1009

_MOST_DEVICES = 1_000
_DEVICE = re.compile(r"[0-9A-Za-z_-]{1,64}")
_ANDROID_BYTES, _IOS_BYTES = 4_000, 3_584
_LONGEST_LIFE = 10 * 24 * 3600
_MAKERS = frozenset({"xiaomi", "huawei", "honor", "meizu", "oppo", "vivo", "fcm", "nio", "asus", "hmos"})
_ANDROID_KEYS = frozenset({
    "alert", "title", "builder_id", "channel_id", "category", "priority", "style", "alert_type", "big_text", "inbox",
    "big_pic_path", "extras", "large_icon", "small_icon_uri", "intent", "uri_activity", "uri_action", "badge_add_num",
    "badge_set_num", "badge_class", "sound", "show_begin_time", "show_end_time", "display_foreground",
})  # fmt: skip
_IOS_KEYS = frozenset({
    "alert", "sound", "badge", "content-available", "mutable-content", "category", "extras", "thread-id",
    "interruption-level",
})  # fmt: skip
_HMOS_KEYS = frozenset({
    "alert", "title", "category", "large_icon", "intent", "badge_add_num", "badge_set_num", "test_message",
    "receipt_id", "extras", "style", "inbox", "push_type",
})  # fmt: skip
_KEYS: Mapping[str, frozenset[str]] = {"android": _ANDROID_KEYS, "ios": _IOS_KEYS, "hmos": _HMOS_KEYS}


class Callback(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is to be reported, and what the reports bring back; the bits of ``type`` are the kinds of reports."""

    url: str | None = None
    params: dict[str, Any] = msgspec.field(default_factory=dict)
    type: int | None = None


class Options(msgspec.Struct, kw_only=True):
    """How the push is to go."""

    sendno: int = 0
    time_to_live: int = 86_400
    classification: Literal[0, 1] = 0
    third_party_channel: dict[str, dict[str, Any]] = msgspec.field(default_factory=dict)


class Audience(msgspec.Struct, forbid_unknown_fields=True):
    """The devices."""

    registration_id: list[str]


class Push(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The body of ``POST /v3/push``, as far as notifications to single devices go."""

    cid: str | None = None
    platform: Literal["all"] | list[Literal["android", "ios", "hmos", "quickapp"]]
    audience: Audience
    notification: dict[str, Any]
    options: Options = msgspec.field(default_factory=Options)
    callback: Callback | None = None

    def seen(self) -> tuple[str, str, dict[str, Any]]:
        """Title, body and extras as the reader of a phone with the first of the platforms sees them."""
        blocks = [block for block in self.notification.values() if isinstance(block, dict)]
        block = blocks[0] if blocks else {"alert": self.notification.get("alert", "")}
        alert = block.get("alert", "")
        if isinstance(alert, dict):
            return alert.get("title", ""), alert.get("body", ""), block.get("extras", {})
        return block.get("title", ""), alert, block.get("extras", {})


_decode = msgspec.json.Decoder(Push).decode


def push(body: bytes) -> Push | int:
    """What is asked, or the code for what is wrong with it."""
    try:
        read = _decode(body)
    except msgspec.ValidationError as why:
        return MISSING if "missing required" in str(why) else WRONG
    except msgspec.DecodeError:
        return WRONG
    return _wrong(read) or read


def _wrong(asked: Push) -> int | None:
    platforms = list(_KEYS) if asked.platform == "all" else list(asked.platform)
    if not platforms or not _audience(asked.audience.registration_id):
        return WRONG
    for platform in platforms:
        block = asked.notification.get(platform)
        if block is None and not isinstance(asked.notification.get("alert"), str):
            return MISSING
        if block is not None and (code := _block(platform, block)) is not None:
            return code
    options = asked.options
    if not 0 <= options.time_to_live <= _LONGEST_LIFE or not _MAKERS.issuperset(options.third_party_channel):
        return WRONG
    kinds = 1 if asked.callback is None or asked.callback.type is None else asked.callback.type
    return None if 1 <= kinds <= 15 else WRONG


def _audience(devices: list[str]) -> bool:
    return 1 <= len(devices) <= _MOST_DEVICES and all(_DEVICE.fullmatch(device) for device in devices)


def _block(platform: str, block: Any) -> int | None:
    if not isinstance(block, dict) or not isinstance(block.get("extras", {}), dict):
        return WRONG
    if "alert" not in block:
        return MISSING
    if not _KEYS[platform].issuperset(block):
        return UNKNOWN_KEY
    alert = block["alert"]
    if not isinstance(alert, str) and (platform != "ios" or not isinstance(alert, dict)):
        return WRONG
    most = _IOS_BYTES if platform == "ios" else _ANDROID_BYTES
    return TOO_LARGE if len(msgspec.json.encode(block)) > most else None
