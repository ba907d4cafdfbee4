"""The stand-in as a process; ``orderbell.standins.process`` tells what it reads and writes.

``--key-id`` and ``--key-secret`` are the account's AppID and AppSecret.
"""

import argparse
import asyncio

from orderbell.standins.process import parser, serve, tell
from orderbell.standins.wechat.pushes import WechatPushes
from orderbell.standins.wechat.service import WechatStandIn
from orderbell.standins.wechat.templates import Templates


async def _main(arguments: argparse.Namespace) -> None:
    standin = WechatStandIn(
        arguments.key_id,
        arguments.key_secret,
        None if arguments.rules is None else Templates.of_rules(arguments.rules.read_bytes()),
        WechatPushes(arguments.callback, arguments.again, arguments.answer_within),
        report_after=arguments.report_after,
        on_message=tell,
    )
    await serve(standin, arguments.host, arguments.port)


if __name__ == "__main__":
    asyncio.run(_main(parser("wechat").parse_args()))
