"""``python -m tests.simulation.judge_the_judge``: how fast each planted defect is found. Prints the README's table."""

import os
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

import click

from tests.simulation.plans import plan
from tests.simulation.planted import PLANTED, STORMY, planted
from tests.simulation.trial import trial


def broken_by(name: str, seed: int) -> list[str]:
    """The promises that the program breaks in the hard, or the stormy, run of ``seed`` with a defect in it."""
    of = plan(seed, stormy=True) if name in STORMY else plan(seed, hard=True)
    with planted(name):
        return trial(of).broken


@click.command()
@click.option("--seeds", default=40, show_default=True)
@click.argument("names", nargs=-1)
def main(seeds: int, names: tuple[str, ...]) -> None:
    """Plays the same seeds with each defect (or those named) in turn."""
    print("| defect | breaks | found in | first by seed |\n|---|---|---|---|")
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for name in names or PLANTED:
            found = list(pool.map(broken_by, [name] * seeds, range(seeds)))
            hits = [seed for seed, broken in enumerate(found) if broken]
            promises = Counter(promise for broken in found for promise in broken)
            breaks = ", ".join(promise for promise, _ in promises.most_common())
            first = hits[0] if hits else "never"
            print(f"| {name.replace('_', ' ')} | {breaks} | {len(hits)} of {seeds} | {first} |", flush=True)


if __name__ == "__main__":
    main()
