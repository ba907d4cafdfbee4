"""The image: its file is sound, what goes into it is what a worker needs, and it asks for no more rights than that."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from deploy import image_locks
from tests.deployed import DEPLOY, ROOT, is_command

DOCKERFILE = (DEPLOY / "docker" / "Dockerfile").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
STAGES = {name: image for image, name in re.findall(r"^FROM (\S+) AS (\w+)$", DOCKERFILE, re.MULTILINE)}
LAST = DOCKERFILE.split("\nFROM ")[-1]


def test_a_linter_has_nothing_against_it() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([hadolint, DEPLOY / "docker" / "Dockerfile"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_it_stands_on_one_image_of_others_whose_version_is_said_to_the_last_digit() -> None:
    others = [image for image in STAGES.values() if image not in STAGES]
    assert len(others) == 1
    assert re.search(r":\d+\.\d+\.\d+-slim-\w+$", others[0])


def test_its_python_is_one_that_the_program_runs_on() -> None:
    version = re.search(r"python:(\d+)\.(\d+)", DOCKERFILE)
    assert version is not None
    assert tuple(map(int, version.groups())) == sys.version_info[:2], "the locks were made for this Python"


@pytest.mark.parametrize("path", image_locks.locks(), ids=lambda path: path.name)
def test_its_locks_are_shares_of_the_lock(path: Path) -> None:
    assert path.read_text() == image_locks.locks()[path], "python -m deploy.image_locks"


def test_all_that_is_installed_is_pinned_by_hashes() -> None:
    installs = re.findall(r"pip [^&\n]*install [^&\n]*", DOCKERFILE)
    assert len(installs) == 4
    for install in installs:
        assert "--require-hashes" in install or "--no-deps --no-index" in install


def test_no_java_is_in_it() -> None:
    names = re.findall(r"^([\w.-]+)==", (DEPLOY / "docker" / "worker.lock").read_text(), re.MULTILINE)
    assert {canonicalize_name(name) for name in names}.isdisjoint(image_locks.LEFT_OUT)


WITHOUT = """
import sys
from importlib.metadata import packages_distributions
there = set(open(sys.argv[1]).read().split())
for module, owners in packages_distributions().items():
    if not there.intersection(owner.lower().replace("_", "-").replace(".", "-") for owner in owners):
        sys.modules[module] = None
"""
"""Makes as if only these packages were installed. What has no owner is the checkout's own."""


def without_what_is_left_out(tmp_path: Path, program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    lock = (DEPLOY / "docker" / "worker.lock").read_text()
    names = [canonicalize_name(name) for name in re.findall(r"^([\w.-]+)==", lock, re.MULTILINE)]
    (tmp_path / "names").write_text("\n".join([*names, "orderbell"]))
    command = [sys.executable, "-c", WITHOUT + program, str(tmp_path / "names")]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


def test_every_command_but_the_demo_does_without_what_was_left_out(tmp_path: Path) -> None:
    program = """
from orderbell.cli import orderbell
for name in orderbell.list_commands(None):
    if name != "demo":
        orderbell.get_command(None, name)
"""
    done = without_what_is_left_out(tmp_path, program)
    assert done.returncode == 0, done.stderr


def test_a_worker_without_java_and_broker_says_what_it_lacks(tmp_path: Path) -> None:
    program = """
from orderbell.cli import main
sys.argv = ["orderbell", "worker"]
main()
"""
    data = tmp_path / "data"
    done = without_what_is_left_out(tmp_path, program, ORDERBELL_DATA_DIR=str(data), ORDERBELL_WEB_PORT="0")
    assert done.returncode == 2
    assert done.stderr == (
        "orderbell: ORDERBELL_BROKER: needed, since this installation has no Java for an embedded Kafka\n"
    )


def test_all_packages_of_the_program_and_no_other_files_are_copied_into_it() -> None:
    packages = {pattern.removesuffix("*") for pattern in PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]}
    for stage in re.split(r"^FROM .*$", DOCKERFILE, flags=re.MULTILINE):
        copied = set(re.findall(r"^COPY (\w+) \w+$", stage, re.MULTILINE))
        assert copied in (set(), packages)


def test_what_is_copied_reaches_the_build_and_secrets_do_not() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    let_in = {line[1:] for line in ignored if line.startswith("!")}
    sources = " ".join(re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.MULTILINE)).split()
    assert {source for source in sources if not {source, str(Path(source).parent)} & let_in} == set()
    assert ignored.index("*") < min(ignored.index(f"!{name}") for name in let_in)
    assert {path for path in let_in if not (ROOT / path).exists()} == set()


def test_nobody_in_it_is_root() -> None:
    assert re.findall(r"^USER (\S+)$", LAST, re.MULTILINE) == ["10001:10001"]


def test_the_program_itself_says_whether_it_is_well() -> None:
    (check,) = re.findall(r"^HEALTHCHECK .*CMD \[(.*)\]$", LAST, re.MULTILINE)
    program, *arguments = re.findall(r'"([^"]+)"', check)
    assert program == "orderbell"
    assert is_command(arguments)


def test_what_it_starts_is_a_worker() -> None:
    assert 'ENTRYPOINT ["orderbell"]\nCMD ["worker"]\n' in LAST
    assert is_command(["worker"])
