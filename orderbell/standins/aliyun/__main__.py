"""The stand-in as a process; ``orderbell.standins.process`` tells what it reads and writes."""

import argparse
import asyncio

from orderbell.standins.aliyun.pushes import AliyunPushes
from orderbell.standins.aliyun.service import AliyunStandIn
from orderbell.standins.aliyun.texts import Texts
from orderbell.standins.process import parser, serve, tell


async def _main(arguments: argparse.Namespace) -> None:
    standin = AliyunStandIn(
        {arguments.key_id: arguments.key_secret},
        Texts() if arguments.rules is None else Texts.of_rules(arguments.rules.read_bytes()),
        AliyunPushes(arguments.callback, arguments.again, arguments.answer_within),
        report_after=arguments.report_after,
        on_message=tell,
    )
    await serve(standin, arguments.host, arguments.port)


if __name__ == "__main__":
    asyncio.run(_main(parser("aliyun").parse_args()))
