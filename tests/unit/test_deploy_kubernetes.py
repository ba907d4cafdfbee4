"""The manifests: as the cluster's schemas have them, whole, and as strict as they can be."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from deploy import rules_manifest
from tests.deployed import Document, images
from tests.manifests import DOCUMENTS, FOLDER, PARTIAL, POD, PODS, RESOURCES, TOPICS, WORKERS, base

VERSION = "1.34"
KUSTOMIZATIONS = sorted(path.parent for path in FOLDER.rglob("kustomization.yaml"))
OPERATOR = {"ServiceMonitor", "PrometheusRule"}
"""What comes with the Prometheus operator: its schemas are not at hand."""
each_folder = pytest.mark.parametrize("folder", KUSTOMIZATIONS, ids=lambda path: path.name)
each_pod = pytest.mark.parametrize("pod", PODS.values(), ids=PODS)


@pytest.mark.parametrize(
    "document",
    [d for _, d in RESOURCES if d["kind"] not in OPERATOR],
    ids=lambda d: f"{d['kind']}-{d['metadata']['name']}",
)
def test_each_is_as_the_schema_has_it(document: Document) -> None:
    kubernetes_validate.validate(document, VERSION, strict=True)


def listed(kustomization: Document) -> Iterator[str]:
    """The files of its folder that a kustomization names."""
    yield from kustomization.get("resources", ())
    for generator in kustomization.get("configMapGenerator", ()):
        yield from generator.get("files", ())
        yield from generator.get("envs", ())
    for patch in kustomization.get("patches", ()):
        yield patch["path"]


@each_folder
def test_a_kustomization_lists_each_file_of_its_folder_and_none_that_is_not_there(folder: Path) -> None:
    kustomization = yaml.safe_load((folder / "kustomization.yaml").read_text())
    names = {name for name in listed(kustomization) if not name.startswith("..")}
    assert names == {path.name for path in folder.iterdir()} - {"kustomization.yaml"}
    for other in [*kustomization.get("resources", ()), *kustomization.get("components", ())]:
        assert (folder / other).exists(), other


def test_the_image_is_named_once_and_with_its_version() -> None:
    assert {image for _, document in RESOURCES for image in images(document)} == {"orderbell"}
    named = [image for path, d in DOCUMENTS if path.parent.name == "base" for image in d.get("images", ())]
    assert [image["name"] for image in named] == ["orderbell"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", str(named[0]["newTag"]))
    for path, document in DOCUMENTS:
        if path.parent.parent.name == "overlays":
            assert {image["name"] for image in document.get("images", ())} <= {named[0]["newName"]}


@each_pod
def test_each_pod_has_no_more_rights_than_it_needs(pod: Document) -> None:
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == pod["securityContext"]["runAsGroup"] == 10001
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    for container in pod["containers"]:
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }


@each_pod
def test_each_container_says_what_it_needs_and_may_use(pod: Document) -> None:
    for container in pod["containers"]:
        assert set(container["resources"]) == {"requests", "limits"}
        for kind in ("requests", "limits"):
            assert set(container["resources"][kind]) == {"cpu", "memory"}


def test_whoever_picks_workers_picks_these() -> None:
    labels = {"app.kubernetes.io/name": "orderbell", **WORKERS["spec"]["template"]["metadata"]["labels"]}
    selectors: list[Any] = [
        WORKERS["spec"]["selector"],
        base("PodDisruptionBudget")["spec"]["selector"],
        *(constraint["labelSelector"] for constraint in POD["topologySpreadConstraints"]),
        *({"matchLabels": base("Service", name)["spec"]["selector"]} for name in ("orderbell", "orderbell-callbacks")),
    ]
    for selector in selectors:
        assert selector == {"matchLabels": labels}
    assert WORKERS["spec"]["serviceName"] == base("Service")["metadata"]["name"]
    zones = {constraint["topologyKey"] for constraint in POD["topologySpreadConstraints"]}
    assert zones == {"topology.kubernetes.io/zone", "kubernetes.io/hostname"}


def test_the_job_does_not_stand_in_the_way_of_the_next_roll_out() -> None:
    assert TOPICS["spec"]["ttlSecondsAfterFinished"] <= 600


def test_the_operator_has_the_rules_that_are_tested() -> None:
    assert rules_manifest.MANIFEST.read_text() == rules_manifest.manifest(), "python -m deploy.rules_manifest"
    groups = [group for file in rules_manifest.RULES for group in yaml.safe_load(file.read_text())["groups"]]
    assert yaml.safe_load(rules_manifest.manifest())["spec"] == {"groups": groups}


def test_a_patch_meets_what_it_changes() -> None:
    for path in PARTIAL:
        patch = yaml.safe_load(path.read_text())
        whole = base(patch["kind"], patch["metadata"]["name"])
        there = {volume["name"] for volume in whole["spec"]["template"]["spec"]["volumes"]}
        removed = {volume["name"] for volume in patch["spec"]["template"]["spec"]["volumes"]}
        claimed = {claim["metadata"]["name"] for claim in patch["spec"]["volumeClaimTemplates"]}
        assert removed == claimed
        assert removed <= there
