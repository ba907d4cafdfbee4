"""The least that any sender must do: ``python -m benchmarks.posts PROVIDER MESSAGES AT_ONCE``.

A loop of signed POSTs, so many at once. It knows no customers, writes nothing down, and tells twice or never whenever
something fails.
"""

import asyncio
import secrets
import sys
import time
from datetime import UTC, datetime

import aiohttp
import msgspec
from yarl import URL

from agents.gateways.aliyun_signature import authorization, canonical_query, sha256_hex
from benchmarks.child import tell
from benchmarks.commands import number_of, order_of
from streams.settings import Secret

_KEY = Secret("benchmark")


async def loop(provider: str, messages: int, at_once: int) -> int:
    """Sends them all."""
    left = iter(range(messages))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:

        async def one_after_another() -> None:
            for index in left:
                await _send(http, provider, index)

        await asyncio.gather(*(one_after_another() for _ in range(at_once)))
    return messages


async def _send(http: aiohttp.ClientSession, provider: str, index: int) -> None:
    query = canonical_query(
        {
            "PhoneNumbers": number_of(index),
            "SignName": "寄卖行",
            "TemplateCode": "SMS_000000102",
            "TemplateParam": msgspec.json.encode({"order": order_of(index), "reason": "余额不足"}).decode(),
            "OutId": f"C{index}.n-{index:032x}.1",
        }
    )
    signed = {
        "host": URL(provider).host_port_subcomponent or "",
        "x-acs-action": "SendSms",
        "x-acs-content-sha256": sha256_hex(b""),
        "x-acs-date": f"{datetime.fromtimestamp(time.time(), UTC):%Y-%m-%dT%H:%M:%SZ}",
        "x-acs-signature-nonce": secrets.token_hex(16),
        "x-acs-version": "2017-05-25",
    }
    headers = {**signed, "Authorization": authorization(_KEY, _KEY, "/", query, signed)}
    async with http.post(URL(f"{provider}/?{query}", encoded=True), headers=headers) as response:
        if msgspec.json.decode(await response.read())["Code"] != "OK":
            raise SystemExit("the provider said no")


if __name__ == "__main__":
    tell(loop(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
