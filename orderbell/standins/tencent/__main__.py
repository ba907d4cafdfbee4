"""The stand-in as a process; ``orderbell.standins.process`` tells what it reads and writes."""

import argparse
import asyncio

from orderbell.standins.process import parser, serve, tell
from orderbell.standins.tencent.pushes import TencentPushes
from orderbell.standins.tencent.service import TencentStandIn
from orderbell.standins.tencent.texts import Texts


def _parser() -> argparse.ArgumentParser:
    made = parser("tencent")
    made.add_argument("--sdk-app-id", required=True)
    made.add_argument("--variable-limit", type=int, metavar="CHARACTERS", help="the longest value of a variable")
    made.add_argument("--echo", action="store_true", help="the SessionContext in reports and lists")
    return made


async def _main(arguments: argparse.Namespace) -> None:
    limit = arguments.variable_limit
    standin = TencentStandIn(
        {arguments.key_id: arguments.key_secret},
        arguments.sdk_app_id,
        Texts(limit=limit) if arguments.rules is None else Texts.of_rules(arguments.rules.read_bytes(), limit),
        TencentPushes(arguments.callback, arguments.again, arguments.answer_within),
        echoes=arguments.echo,
        report_after=arguments.report_after,
        on_message=tell,
    )
    await serve(standin, arguments.host, arguments.port)


if __name__ == "__main__":
    asyncio.run(_main(_parser().parse_args()))
