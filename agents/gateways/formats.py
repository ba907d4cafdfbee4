"""The formats of all vendors that push to us, by provider."""

from collections.abc import Mapping

from agents.gateways import aliyun_callbacks, jpush_callbacks, tencent_callbacks, wechat_callbacks
from agents.gateways.pushed import Format

FORMATS: Mapping[str, Format] = {
    each.provider: each
    for each in (aliyun_callbacks.FORMAT, tencent_callbacks.FORMAT, jpush_callbacks.FORMAT, wechat_callbacks.FORMAT)
}
