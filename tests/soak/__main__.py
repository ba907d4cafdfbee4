"""``python -m tests.soak``: whole workers on a real Kafka, and everything that can kill them.

Ends with 0 where nothing was wrong, else with 1 and the folder that holds the logs and the evidence.
"""

import argparse
import asyncio
import logging
import random
import shutil
import sys
import tempfile
from pathlib import Path

from tests.oracle import Defect
from tests.soak.judging import by_promise, judged
from tests.soak.options import Mode, Options
from tests.soak.screen import Screen
from tests.soak.soak import Result, soak
from tests.soak.stored import load

_MOST_SHOWN = 40


def main() -> int:
    """Runs what the arguments say."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=3)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--rate", type=float, default=20, help="events a second")
    parser.add_argument("--every", type=float, default=4, help="seconds between two troubles")
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--kills", type=int, default=10, help="how often --recovery measures")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where logs and evidence stay in any case")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--calm", action="store_true", help="no troubles: for the memory of workers under steady load")
    mode.add_argument("--recovery", action="store_true", help="how soon one of two workers goes on for a killed one")
    mode.add_argument("--judge", type=Path, metavar="FOLDER", help="judge stored evidence again")
    arguments = parser.parse_args()
    if arguments.judge is not None:
        return _tell({}, judged(load(arguments.judge)))
    # Clients say of every connection that a dead Kafka refuses them.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    kept: Path | None = arguments.keep
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
    folder = kept or Path(tempfile.mkdtemp(prefix="orderbell-soak-"))
    result = _soak(arguments, folder)
    status = _tell(result.figures, result.defects)
    if status == 0 and kept is None:
        shutil.rmtree(folder)
    else:
        print(f"logs and evidence: {folder}")
    return status


def _soak(arguments: argparse.Namespace, folder: Path) -> Result:
    mode: Mode = "calm" if arguments.calm else "recovery" if arguments.recovery else "chaos"
    options = Options(
        mode=mode,
        minutes=arguments.minutes,
        seed=arguments.seed,
        rate=arguments.rate,
        every=arguments.every,
        workers=2 if mode == "recovery" else arguments.workers,
        kills=arguments.kills,
        folder=folder,
    )
    with Screen() as screen:
        return asyncio.run(soak(options, screen))


def _tell(figures: dict[str, str], defects: list[Defect]) -> int:
    for name, figure in figures.items():
        print(f"{name}: {figure}")
    for defect in defects[:_MOST_SHOWN]:
        print(f"DEFECT {defect.promise}: {defect.subject}: {defect.what}")
    print(f"defects: {by_promise(defects)}")
    return 1 if defects else 0


if __name__ == "__main__":
    sys.exit(main())
