"""A plan that fails becomes small, and can be kept and read again."""

from pathlib import Path

import pytest

from tests.simulation import cases
from tests.simulation.plans import plan
from tests.simulation.planted import planted
from tests.simulation.shrink import shrink
from tests.simulation.trial import trial


def test_a_failing_plan_is_shrunk_to_what_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cases, "FOLDER", tmp_path)
    with planted("redelivery_judged_again"):
        small = shrink(plan(0), lambda candidate: "twice" in trial(candidate).broken)
        assert "twice" in trial(small).broken
    assert len(small.stories) == 1
    assert not small.troubles
    path = cases.keep(small, "twice")
    assert cases.kept() == [path]
    assert cases.read(path) == small
