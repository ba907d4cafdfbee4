"""The stand-in as a process; ``orderbell.standins.process`` tells what it reads and writes."""

import argparse
import asyncio

from orderbell.standins.jpush.pushes import JPushPushes
from orderbell.standins.jpush.service import JPushStandIn
from orderbell.standins.process import parser, serve, tell


async def _main(arguments: argparse.Namespace) -> None:
    account = (arguments.key_id, arguments.key_secret)
    standin = JPushStandIn(
        dict([account]),
        JPushPushes(arguments.callback, arguments.again, arguments.answer_within, account=account),
        report_after=arguments.report_after,
        on_message=tell,
    )
    await serve(standin, arguments.host, arguments.port)


if __name__ == "__main__":
    asyncio.run(_main(parser("jpush").parse_args()))
