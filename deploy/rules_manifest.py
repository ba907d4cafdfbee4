"""The rules for Prometheus as the operator wants them: ``python -m deploy.rules_manifest`` writes the manifest anew."""

from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
RULES = sorted((HERE / "prometheus" / "rules").glob("*.yml"))
MANIFEST = HERE / "kubernetes" / "components" / "prometheus-operator" / "rules.yaml"
_HEAD = """\
# Made of deploy/prometheus/rules by python -m deploy.rules_manifest.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: orderbell
spec:
  groups:
"""


def manifest() -> str:
    """What is to stand in the file: all groups as they are written, one after another."""
    return _HEAD + "".join(_groups())


def _groups() -> Iterator[str]:
    for file in RULES:
        _, _, groups = file.read_text().partition("\ngroups:\n")
        for line in groups.splitlines():
            yield f"  {line}".rstrip() + "\n"


if __name__ == "__main__":
    MANIFEST.write_text(manifest())
