"""``python -m tests.simulation``: plays seeds on all cores, or repeats one.

A seed that fails is shrunk to what is needed, and kept under ``cases/``, where the tests play it from then on.
"""

import os
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from time import monotonic
from typing import NamedTuple

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tests.simulation import cases
from tests.simulation.plan import Plan
from tests.simulation.plans import DAYS, plan
from tests.simulation.shrink import shrink
from tests.simulation.trial import Trial, trial

_CHUNK = 8


class Share(NamedTuple):
    """What one process found in its share of the seeds."""

    runs: int
    counts: Counter[str]
    failed: dict[int, list[str]]


@click.command()
@click.option("--seeds", default=300, show_default=True, help="How many seeds to play.")
@click.option("--first", default=0, show_default=True, help="The first of them.")
@click.option("--days", default=DAYS, show_default=True, help="Simulated days of each.")
@click.option("--jobs", default=os.cpu_count(), show_default="all cores", help="In how many processes.")
@click.option("--seed", type=int, help="Repeat this one, and say what is wrong.")
@click.option("--case", type=click.Path(exists=True, path_type=Path), help="Repeat a plan that was kept.")
@click.option("--keep/--no-keep", default=True, help="Whether to shrink what fails, and keep it.")
def main(seeds: int, first: int, days: int, jobs: int, seed: int | None, case: Path | None, keep: bool) -> None:
    """Simulated days, each judged by the promises. Exit code 1 where one was broken."""
    if case is not None:
        sys.exit(_one(cases.read(case), keep=False))
    if seed is not None:
        sys.exit(_one(plan(seed, days), keep=keep))
    sys.exit(_many(first, seeds, days, jobs, keep=keep))


def _one(of: Plan, *, keep: bool) -> int:
    found = trial(of)
    _say(found)
    if found.defects and keep:
        _shrink_and_keep(of, found)
    return 1 if found.defects else 0


def _many(first: int, seeds: int, days: int, jobs: int, *, keep: bool) -> int:
    begun, counts, failed, runs = monotonic(), Counter[str](), dict[int, list[str]](), 0
    columns = (TextColumn("simulated days"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, disable=not sys.stdout.isatty()) as progress:
        bar = progress.add_task("days", total=seeds * days)
        for share in _shares(first, seeds, days, jobs):
            runs += share.runs
            counts += share.counts
            failed |= share.failed
            for seed, promises in share.failed.items():
                print(f"seed {seed}: {', '.join(promises)}", flush=True)
            progress.update(bar, completed=runs * days)
    seconds = monotonic() - begun
    print(f"days: {runs * days}\nruns: {runs}\nseconds: {seconds:.0f}\ndays_a_minute: {runs * days / seconds * 60:.0f}")
    for what, count in sorted(counts.items()):
        print(f"{what}: {count}")
    broken = Counter(promise for promises in failed.values() for promise in promises)
    print(f"failed: {len(failed)}", *(f"({promise} in {count})" for promise, count in broken.most_common()))
    for seed in sorted(failed)[:3]:
        print(f"\nrepeat it with: python -m tests.simulation --seed {seed}" + (f" --days {days}" * (days != DAYS)))
        _one(plan(seed, days), keep=keep)
    return 1 if failed else 0


def _shares(first: int, seeds: int, days: int, jobs: int) -> Iterator[Share]:
    with ProcessPoolExecutor(jobs) as pool:
        chunks = [range(start, min(start + _CHUNK, first + seeds)) for start in range(first, first + seeds, _CHUNK)]
        for share in as_completed([pool.submit(_share, chunk, days) for chunk in chunks]):
            yield share.result()


def _share(seeds: range, days: int) -> Share:
    counts, failed = Counter[str](), {}
    for seed in seeds:
        found = trial(plan(seed, days))
        counts += found.counts
        if found.defects:
            failed[seed] = found.broken
    return Share(len(seeds), counts, failed)


def _say(found: Trial) -> None:
    for what, count in sorted(found.counts.items()):
        print(f"{what}: {count}")
    for defect in found.defects[:20]:
        print(f"{defect.promise}: {defect.subject}: {defect.what}")
    print(f"defects: {len(found.defects)}")


def _shrink_and_keep(of: Plan, found: Trial) -> None:
    promise = found.broken[0]
    small = shrink(of, lambda candidate: promise in trial(candidate).broken)
    path = cases.keep(small, promise)
    print(f"shrunk to {len(small.stories)} stories and {len(small.troubles)} troubles: {path}")
    _say(trial(small))
    print(f"repeat it with: python -m tests.simulation --case {path}")


if __name__ == "__main__":
    main()
