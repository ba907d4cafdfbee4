"""The pods: their settings, ports, paths and times are those of the program that runs in them."""

import re
from pathlib import Path

import pytest

from agents.worker import HEARTBEAT_SECONDS, SESSION_SECONDS
from streams.settings import load
from tests.deployed import DEPLOY, Document, is_command
from tests.manifests import CONTAINER, FOLDER, POD, PODS, RESOURCES, WORKERS, base, environment, settings_file
from tests.webport import TOKEN, web_port

PROBES = ("startupProbe", "livenessProbe", "readinessProbe")
PUSHED_TO = f"/callbacks/aliyun/{TOKEN}/receipts"
each_pod = pytest.mark.parametrize("pod", PODS.values(), ids=PODS)


@each_pod
def test_no_service_of_the_cluster_puts_settings_into_a_pod(pod: Document) -> None:
    """It would: of a Service ``orderbell-x`` the variables begin with ``ORDERBELL_X``."""
    assert pod["enableServiceLinks"] is False


@each_pod
def test_the_settings_are_such_as_the_program_takes(pod: Document) -> None:
    """And each is one of its own: it names what it does not like, and says nothing of what it does not know."""
    page = (DEPLOY.parent / "docs" / "settings.md").read_text()
    known = set(re.findall(r"^\| `(ORDERBELL_\w+)`", page, re.MULTILINE))
    assert set(environment(pod)) <= known
    found = load(environment(pod))
    assert found.brokers
    assert found.partitions % WORKERS["spec"]["replicas"] == 0


def test_a_worker_can_have_every_vendor_and_its_name_is_its_pods() -> None:
    found = load(environment(POD))
    assert None not in (found.aliyun, found.tencent, found.jpush, found.wechat, found.smtp_url, found.hash_key)
    (instance,) = (v for v in CONTAINER["env"] if v["name"] == "ORDERBELL_INSTANCE")
    assert instance["valueFrom"] == {"fieldRef": {"fieldPath": "metadata.name"}}


def test_secrets_are_named_and_never_there() -> None:
    assert "Secret" not in {document["kind"] for _, document in RESOURCES}
    secret = re.compile(r"(KEY|KEY_ID|SECRET|SECRET_ID|TOKEN|URL|APP_ID)$")
    for pod in PODS.values():
        for variable in pod["containers"][0]["env"]:
            if secret.search(variable["name"]):
                assert set(variable["valueFrom"]) == {"secretKeyRef"}
    assert not [name for name in settings_file() if secret.search(name)]


@each_pod
def test_what_the_program_is_told_to_do_it_knows(pod: Document) -> None:
    assert is_command(pod["containers"][0]["args"])


@each_pod
def test_what_is_mounted_is_there_and_where_the_settings_say(pod: Document) -> None:
    (container,) = pod["containers"]
    paths = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}
    assert set(paths.values()) == {volume["name"] for volume in pod["volumes"]}
    assert paths[str(Path(settings_file()["ORDERBELL_RULES"]).parent)] == "rules"
    assert all("subPath" not in mount for mount in container["volumeMounts"]), "a change would not come through"


def test_the_data_directory_can_be_written_to() -> None:
    mounts = {mount["name"]: mount for mount in CONTAINER["volumeMounts"]}
    assert mounts["data"]["mountPath"] == environment(POD)["ORDERBELL_DATA_DIR"]
    assert "readOnly" not in mounts["data"]


def test_the_ports_are_those_on_which_it_listens() -> None:
    ports = {port["name"]: str(port["containerPort"]) for port in CONTAINER["ports"]}
    found = environment(POD)
    assert ports == {"web": found["ORDERBELL_WEB_PORT"], "public": found["ORDERBELL_PUBLIC_PORT"]}
    named = {port["targetPort"] for name in ("orderbell", "orderbell-callbacks") for port in _ports(name)}
    probes = {CONTAINER[probe]["httpGet"]["port"] for probe in PROBES}
    allowed = {p["port"] for rule in base("NetworkPolicy")["spec"]["ingress"] for p in rule["ports"]}
    assert named == allowed == set(ports)
    assert probes == {"web"}


def _ports(service: str) -> list[Document]:
    ports: list[Document] = base("Service", service)["spec"]["ports"]
    return ports


async def test_the_paths_are_served_on_their_ports() -> None:
    monitor = next(d for _, d in RESOURCES if d["kind"] == "ServiceMonitor")
    (endpoint,) = monitor["spec"]["endpoints"]
    assert endpoint["port"] in {port["name"] for port in _ports("orderbell")}
    inside = {endpoint["path"], *(CONTAINER[probe]["httpGet"]["path"] for probe in PROBES)}
    ingress = next(d for _, d in RESOURCES if d["kind"] == "Ingress")
    outside = {path["path"] for rule in ingress["spec"]["rules"] for path in rule["http"]["paths"]}
    assert outside == {"/callbacks", "/r"}
    async with web_port(public_port=0) as port:
        for path in inside:
            async with port.client.get(path) as answer:
                assert answer.status != 404, path
        async with port.client.get(f"http://127.0.0.1:{port.server.public_port}{PUSHED_TO}") as answer:
            assert answer.status == 200


def test_a_worker_is_given_up_later_than_the_group_gives_it_up() -> None:
    """Within a session nobody else has its partitions; soon after it somebody has, and a busy worker comes back."""
    live, ready = CONTAINER["livenessProbe"], CONTAINER["readinessProbe"]
    assert live["periodSeconds"] * live["failureThreshold"] > SESSION_SECONDS
    assert ready["periodSeconds"] * ready["failureThreshold"] <= SESSION_SECONDS
    assert live["httpGet"]["path"] == CONTAINER["startupProbe"]["httpGet"]["path"] == "/health/live"
    assert ready["httpGet"]["path"] == "/health/ready"


def test_a_worker_has_the_time_that_it_takes_to_stop() -> None:
    waits = CONTAINER["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert POD["terminationGracePeriodSeconds"] >= waits + 20


def test_a_roll_out_lets_a_worker_come_back_to_its_partitions_before_the_next_goes() -> None:
    assert WORKERS["spec"]["minReadySeconds"] > SESSION_SECONDS + HEARTBEAT_SECONDS
    assert base("PodDisruptionBudget")["spec"]["maxUnavailable"] == 1
    assert WORKERS["spec"]["podManagementPolicy"] == "Parallel"


def test_the_ports_of_egress_are_those_of_kafka_of_vendors_and_of_mail() -> None:
    egress = {port["port"] for rule in base("NetworkPolicy")["spec"]["egress"] for port in rule["ports"]}
    kafka = {int(address.rpartition(":")[2]) for address in load(environment(POD)).brokers}
    assert egress == kafka | {53, 443, 465, 587}


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("rules.toml")), ids=lambda path: path.parent.name)
def test_the_rules_are_good(path: Path) -> None:
    assert is_command(["rules", "check", str(path)])
    load(environment(POD) | {"ORDERBELL_RULES": str(path)})
