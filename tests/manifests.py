"""The manifests of ``deploy/kubernetes``, read for tests."""

from tests.deployed import DEPLOY, Document, documents

FOLDER = DEPLOY / "kubernetes"
DOCUMENTS = documents(FOLDER)
PARTIAL = {FOLDER / "components" / "local-volume" / "volume.yaml"}
"""Patches, which are no whole resources."""
RESOURCES = [(p, d) for p, d in DOCUMENTS if p.name != "kustomization.yaml" and p not in PARTIAL]


def base(kind: str, name: str = "orderbell") -> Document:
    """A resource of the base."""
    (found,) = (
        d for p, d in RESOURCES if p.parent.name == "base" and (d["kind"], d["metadata"]["name"]) == (kind, name)
    )
    return found


WORKERS = base("StatefulSet")
TOPICS = base("Job", "orderbell-topics")
PODS: dict[str, Document] = {
    "workers": WORKERS["spec"]["template"]["spec"],
    "topics": TOPICS["spec"]["template"]["spec"],
}
POD = PODS["workers"]
CONTAINER: Document = POD["containers"][0]


def settings_file() -> dict[str, str]:
    """What the ConfigMap of settings says."""
    lines = (FOLDER / "base" / "settings.env").read_text().splitlines()
    return dict(line.partition("=")[::2] for line in lines if line)


def environment(pod: Document) -> dict[str, str]:
    """What the program finds, with words for the secrets, and the rules where they lie here."""
    made = settings_file() | {"ORDERBELL_RULES": str(FOLDER / "base" / "rules.toml")}
    vendors = {"smtp-url": "smtp://mail:587", "mail-from": "service@shop.example"}
    for variable in pod["containers"][0]["env"]:
        source = variable.get("valueFrom", {})
        secret = source.get("secretKeyRef", {}).get("key")
        made[variable["name"]] = variable.get("value") or vendors.get(secret, secret or "orderbell-0")
    return made
