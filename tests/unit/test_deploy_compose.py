"""The compose file: as its specification has it, and true of the program that it starts."""

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import pytest
import yaml

from streams.settings import Settings, load
from tests.deployed import DEPLOY, ROOT, images, is_command
from tests.grafana_dashboards import DASHBOARDS, FOLDER

FILE = DEPLOY / "compose.yaml"
TEXT = FILE.read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
WORKERS = ("worker-1", "worker-2")
STANDINS = ("aliyun", "tencent", "jpush", "wechat", "mail")
ENVIRONMENT = dict(
    line.partition("=")[::2]
    for line in (DEPLOY / ".env.example").read_text().splitlines()
    if line and not line.startswith("#")
)
PROVISIONING = DEPLOY / "docker" / "grafana" / "provisioning"
each_service = pytest.mark.parametrize("name", SERVICES)


def filled_in(value: str) -> str:
    """As compose fills it in where ``.env`` says ``filled`` for everything."""
    return re.sub(r"\$\{\w+:\?\}", "filled", value)


def settings(name: str) -> Settings:
    """What a worker's service makes of its settings; the program names what it doesn't like."""
    rules = DEPLOY / "docker" / "rules" / "rules.toml"
    environment = {key: filled_in(value) for key, value in SERVICES[name]["environment"].items()}
    assert environment["ORDERBELL_RULES"] == "/etc/orderbell/rules.toml"
    assert f"./{rules.parent.relative_to(DEPLOY)}:/etc/orderbell:ro" in SERVICES[name]["volumes"]
    return load(environment | {"ORDERBELL_RULES": str(rules)})


def test_it_is_as_the_specification_has_it() -> None:
    package = importlib.util.find_spec("check_jsonschema")  # whose command does not run beside Faust's click
    assert package is not None
    assert package.submodule_search_locations is not None
    vendored = Path(package.submodule_search_locations[0]) / "builtin_schemas" / "vendor" / "compose-spec.json"
    jsonschema.validate(COMPOSE, json.loads(vendored.read_text()))


def test_no_image_is_without_a_version_and_each_is_named_once() -> None:
    named = set(images(COMPOSE))
    for image in named:
        assert re.search(r":v?\d+\.\d+\.\d+$", image), image
        assert TEXT.count(image) == 1, image
    assert len(named) == len({image.partition(":")[0] for image in named})


@each_service
def test_each_service_has_few_rights_and_an_end_of_what_it_may_use(name: str) -> None:
    service = SERVICES[name]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["cap_drop"] == ["ALL"]
    assert "privileged" not in service
    assert "cap_add" not in service
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}
    # Kafka's image writes its configuration beside the program.
    assert service.get("read_only", False) is (name != "kafka")


@each_service
def test_only_this_machine_can_reach_what_is_published(name: str) -> None:
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", ()))


@each_service
def test_what_is_mounted_is_there(name: str) -> None:
    for volume in SERVICES[name].get("volumes", ()):
        source, target = volume.split(":")[:2]
        if source.startswith("."):
            assert (DEPLOY / source).exists(), source
            assert volume.endswith(":ro")
        else:
            assert source in COMPOSE["volumes"]
        assert target.startswith("/")


@pytest.mark.parametrize("name", WORKERS)
def test_the_settings_are_such_as_a_worker_takes(name: str) -> None:
    found = settings(name)
    assert found.brokers == ("kafka:9092",)
    assert found.instance == name
    assert None not in (found.aliyun, found.tencent, found.jpush, found.wechat, found.smtp_url)


def test_the_workers_are_one_group_and_differ_in_their_names_alone() -> None:
    first, second = (SERVICES[name] for name in WORKERS)
    differ = {key for key in first["environment"] if first["environment"][key] != second["environment"][key]}
    assert differ == {"ORDERBELL_INSTANCE"}
    assert {key for key in first if first[key] != second.get(key)} <= {"environment", "ports"}


def test_the_topics_are_made_for_as_many_partitions_as_the_workers_count_on() -> None:
    made, worked = SERVICES["topics"]["environment"], SERVICES["worker-1"]["environment"]
    assert made.items() <= worked.items()


def test_secrets_come_from_a_file_that_is_not_kept() -> None:
    asked = set(re.findall(r"\$\{(\w+):\?\}", TEXT))
    assert asked == set(ENVIRONMENT)
    assert set(ENVIRONMENT.values()) == {""}
    assert re.findall(r"\$(?!\{\w+:\?\})", TEXT) == [], "each has to be filled in"
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if name.endswith(("KEY", "KEY_ID", "SECRET", "SECRET_ID", "TOKEN", "PASSWORD")):
                assert value in (f"${{{name}:?}}", "${GRAFANA_PASSWORD:?}")
    assert "deploy/.env" in (ROOT / ".gitignore").read_text().splitlines()


@pytest.mark.parametrize("name", ["topics", *WORKERS])
def test_what_the_program_is_told_to_do_it_knows(name: str) -> None:
    assert is_command(SERVICES[name].get("command", ["worker"]))
    check = SERVICES[name]["healthcheck"]
    assert check == {"disable": True} or (check["test"][:2] == ["CMD", "orderbell"] and is_command(check["test"][2:]))


@pytest.mark.parametrize("name", STANDINS)
def test_a_stand_in_comes_up_with_its_options_and_can_be_reached_from_other_containers(name: str) -> None:
    assert SERVICES[name]["stdin_open"] is True, "it ends with its input"
    module, *options = SERVICES[name]["command"]
    options = [filled_in(option) for option in options if not option.startswith("--port=")]
    done = subprocess.run([sys.executable, "-m", module, *options], cwd=ROOT, input=b"", capture_output=True)
    assert done.returncode == 0, done.stderr
    assert urlsplit(json.loads(done.stdout)["address"]).hostname == "0.0.0.0"


@pytest.mark.parametrize("name", STANDINS)
def test_a_stand_in_stands_where_the_workers_look_for_it_and_knows_where_they_are(name: str) -> None:
    given = dict(option.split("=", 1) for option in SERVICES[name]["command"][1:])
    setting = "ORDERBELL_SMTP_URL" if name == "mail" else f"ORDERBELL_{name.upper()}_ENDPOINT"
    assert urlsplit(SERVICES["worker-1"]["environment"][setting]).netloc == f"{name}:{given['--port']}"
    if name != "mail":
        public = re.search(r"^EXPOSE \d+ (\d+)$", (DEPLOY / "docker" / "Dockerfile").read_text(), re.MULTILINE)
        assert public is not None
        assert given["--callback"] == f"http://workers:{public[1]}/callbacks/{name}/${{ORDERBELL_CALLBACK_TOKEN:?}}"
        assert all("workers" in SERVICES[worker]["networks"]["orderbell"]["aliases"] for worker in WORKERS)


def test_prometheus_asks_the_workers_where_they_answer() -> None:
    config = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())
    (job,) = config["scrape_configs"]
    assert job["static_configs"][0]["targets"] == [f"{name}:8080" for name in WORKERS]


def provisioned(kind: str) -> dict[str, Any]:
    """The one file that tells Grafana of its data sources, or of its dashboards."""
    (file,) = (PROVISIONING / kind).iterdir()
    found: dict[str, Any] = yaml.safe_load(file.read_text())
    assert found.pop("apiVersion") == 1
    return found


def test_grafana_is_told_what_there_is_where_it_looks_for_that() -> None:
    assert f"./{PROVISIONING.relative_to(DEPLOY)}:/etc/grafana/provisioning:ro" in SERVICES["grafana"]["volumes"]
    assert {folder.name: set(provisioned(folder.name)) for folder in PROVISIONING.iterdir()} == {
        "datasources": {"datasources"},
        "dashboards": {"providers"},
    }


def test_grafana_finds_prometheus_and_it_is_what_the_dashboards_ask_for() -> None:
    (source,) = provisioned("datasources")["datasources"]
    assert set(source) <= {"name", "uid", "type", "access", "url", "isDefault", "editable", "jsonData"}
    scraped_every = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())["global"]["scrape_interval"]
    assert source["jsonData"] == {"timeInterval": scraped_every}
    assert urlsplit(source["url"]).hostname in SERVICES
    (port,) = {port.rpartition(":")[2] for port in SERVICES["prometheus"]["ports"]}
    assert urlsplit(source["url"]).port == int(port)
    # The dashboards name no source but the one chosen at their top, among those of its type: here there is one.
    asked = {
        variable["query"]
        for board in DASHBOARDS.values()
        for variable in board["templating"]["list"]
        if variable["type"] == "datasource"
    }
    assert asked == {source["type"]}
    assert source["isDefault"] is True


def test_grafana_finds_the_dashboards_each_under_an_id_of_its_own() -> None:
    (provider,) = provisioned("dashboards")["providers"]
    assert set(provider) <= {"name", "folder", "type", "disableDeletion", "allowUiUpdates", "options"}
    assert provider["type"] == "file"
    assert f"./{FOLDER.relative_to(DEPLOY)}:{provider['options']['path']}:ro" in SERVICES["grafana"]["volumes"]
    assert len({board["uid"] for board in DASHBOARDS.values()}) == len(list(FOLDER.iterdir())) == len(DASHBOARDS)
    assert all("id" not in board or board["id"] is None for board in DASHBOARDS.values())


def test_dashboards_and_alerts_lead_to_the_same_runbooks() -> None:
    labels = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())["global"]["external_labels"]
    asked = {
        variable["query"]
        for board in DASHBOARDS.values()
        for variable in board["templating"]["list"]
        if variable["name"] == "runbooks"
    }
    assert asked == {labels["runbooks"]}


def test_a_worker_has_the_time_that_it_takes_to_stop() -> None:
    for name in WORKERS:
        assert int(SERVICES[name]["stop_grace_period"].removesuffix("s")) > 20
