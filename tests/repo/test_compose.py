"""compose.yaml: every container alike in what keeps it running, every variable known."""

import importlib
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from relevo_contracts.weak_secrets import WEAK_SECRETS, password_of

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "compose.yaml").read_text()
CLUSTER: dict[str, Any] = yaml.load(TEXT, yaml.CSafeLoader)
CONTAINERS: dict[str, dict[str, Any]] = CLUSTER["services"]
SERVICES = sorted(path.parent.name for path in ROOT.glob("services/*/pyproject.toml"))
JOBS = {"topics", "tables", "buckets"}
COMMANDS = {"cli"}
"""What a person runs, and waits for."""
VARIABLE = re.compile(r"\$\{(\w+)(:-([^}]*))?\}")
SECRETS = {
    *("catalog_url", "postgres_password", "s3_secret_key", "grafana_password"),
    *("registry_watcher_webhook_secret", "webhook_encryption_key", "relevo_api_key"),
}
SHARED = re.compile("OMP_|OTEL_|AWS_|RELEVO_DATASETS?$")
"""Of libraries, and of the one anchor that gives them to all."""
LONGEST_LINE, LINES_A_CONTAINER, MOST_ANCHORS = 120, 23, 20


def test_the_file_can_be_read_by_who_knows_compose() -> None:
    lines = TEXT.splitlines()

    assert [line for line in lines if len(line) > LONGEST_LINE] == []
    assert len(lines) <= LINES_A_CONTAINER * len(CONTAINERS)
    assert len(re.findall(r" &[\w-]+", TEXT)) <= MOST_ANCHORS
    assert [line for line in lines if re.search(r": \{\w", line)] == [], "a block is read"


def has_compose() -> bool:
    """Whether this machine's docker has the plugin: Debian's docker.io has none."""
    if (docker := shutil.which("docker")) is None:
        return False
    asked = subprocess.run([docker, "compose", "version"], capture_output=True)
    return asked.returncode == 0


@pytest.mark.skipif(not has_compose(), reason="docker compose is not installed")
def test_compose_itself_understands_the_file() -> None:
    command = [
        "docker",
        "compose",
        "--file",
        "compose.yaml",
        "--profile",
        "*",
        "config",
        "-q",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=50)

    assert done.stdout + done.stderr == ""


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_container_has_limits_checks_and_a_way_back(name: str) -> None:
    container = CONTAINERS[name]

    way_back = {"on-failure:5": JOBS, "no": COMMANDS}
    ways = [way for way, names in way_back.items() if name in names]
    assert [container["restart"]] == (ways or ["unless-stopped"])
    assert container["logging"]["options"]["max-size"]
    assert container["mem_limit"]
    assert "container_name" not in container, "its service could not be scaled"
    assert ("healthcheck" in container) == (name not in JOBS | COMMANDS)


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_container_waits_until_what_it_needs_is_well(name: str) -> None:
    for needed, how in CONTAINERS[name].get("depends_on", {}).items():
        done = "service_completed_successfully" if needed in JOBS else "service_healthy"
        assert how == {"condition": done}


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_door_is_open_to_this_machine_only(name: str) -> None:
    for published in CONTAINERS[name].get("ports", []):
        assert re.match(r"127\.0\.0\.1:\$\{\w+:-[\d-]+\}:[\d-]+$", published)


def test_the_pods_have_one_door_and_it_stays_where_it_is() -> None:
    assert "ports" not in CONTAINERS["inference"]
    assert CONTAINERS["door"]["ports"] == ["127.0.0.1:${INFERENCE_PORT:-8000}:8000"]
    assert "http://door:8000" in CONTAINERS["locust"]["command"]


@pytest.mark.parametrize("name", CONTAINERS)
def test_an_image_has_a_version_and_ours_are_built_from_here(name: str) -> None:
    container = CONTAINERS[name]

    assert re.search(r":[^/]*(\d|\$\{RELEVO_VERSION)", container["image"])
    ours = container["image"].startswith("relevo/")
    assert ours == ("build" in container)
    assert ours == (container.get("pull_policy") == "build"), "else a stranger's is pulled"
    assert not ours or (ROOT / container["build"]["dockerfile"]).is_file()


def test_the_bot_that_keeps_images_makes_exceptions_for_those_that_there_are() -> None:
    rules = json.loads((ROOT / "renovate.json").read_text())["packageRules"]
    named = {name for rule in rules for name in rule["matchPackageNames"]} - {"/^relevo//"}
    files = [TEXT, *(path.read_text() for path in ROOT.glob("*/*/Dockerfile"))]
    used = re.findall(r"(?:image: |FROM |--from=)([\w./-]+):", "\n".join(files))

    assert named - set(used) == set()


def test_every_service_runs_in_the_cluster() -> None:
    assert [name for name in SERVICES if name not in CONTAINERS] == []


@pytest.mark.parametrize("name", CONTAINERS)
def test_what_is_mounted_from_here_is_here(name: str) -> None:
    mounted = [m.split(":")[0] for m in CONTAINERS[name].get("volumes", [])]

    assert [path for path in mounted if path[0] == "." and not (ROOT / path).exists()] == []


def test_every_variable_has_one_default_and_is_explained() -> None:
    defaults: dict[str, set[str | None]] = {}
    for name, given, default in VARIABLE.findall(TEXT):
        defaults.setdefault(name, set()).add(default if given else None)
    operations = (ROOT / "docs" / "operations.md").read_text()

    assert {name: found for name, found in defaults.items() if len(found) > 1} == {}
    assert [name for name, found in defaults.items() if None in found] == []
    passed_on = {name for each in CONTAINERS.values() for name in unset(each)}
    assert [n for n in {*defaults, *passed_on} if f"`{n}`" not in operations] == []


def test_secrets_are_files_that_make_cluster_env_replaces() -> None:
    recipe = (ROOT / "Makefile").read_text().split("cluster-env:")[1].split("\n\n")[0]
    used = {secret for each in CONTAINERS.values() for secret in secrets_of(each)}

    assert used == SECRETS
    assert {path.name for path in (ROOT / "compose/secrets").iterdir()} == SECRETS
    assert {name: told["file"] for name, told in CLUSTER["secrets"].items()} == {
        name: f"${{RELEVO_SECRETS:-./compose/secrets}}/{name}" for name in SECRETS
    }
    assert [name for name in SECRETS if name not in recipe] == []


@pytest.mark.parametrize("name", CONTAINERS)
def test_no_secret_stands_in_the_environment(name: str) -> None:
    environment = CONTAINERS[name].get("environment", {})
    named = [n for n, value in environment.items() if "SECRET" in n or "PASSWORD" in n]

    assert [
        n for n in named if environment[n] and not n.endswith(("_FILE", "__FILE"))
    ] == []


def test_production_refuses_the_default_secrets() -> None:
    assert CLUSTER["x-environment"]["RELEVO_ENVIRONMENT"] == "${RELEVO_ENVIRONMENT:-local}"
    files = {
        name: (ROOT / "compose/secrets" / name).read_text().strip() for name in SECRETS
    }
    del files["webhook_encryption_key"]  # MLflow's, a key of 32 bytes

    assert password_of(files.pop("catalog_url")) in WEAK_SECRETS
    assert {*files.values()} <= WEAK_SECRETS


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_given_only_what_it_reads_and_all_that_it_must_have(name: str) -> None:
    module = importlib.import_module(f"{name.replace('-', '_')}.settings")
    settings: type[BaseSettings] = module.Settings
    known = {variable(field, of): of for field, of in settings.model_fields.items()}
    container = CONTAINERS[name]
    given = {*container["environment"], *map(str.upper, container.get("secrets", []))}

    assert {each for each in given if not SHARED.match(each)} <= set(known)
    assert {each for each, of in known.items() if of.is_required()} <= given


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_runs_for_the_chosen_datasets_and_finds_ones_own(name: str) -> None:
    environment = CONTAINERS[name]["environment"]
    mounted = [volume.split(":") for volume in CONTAINERS[name]["volumes"]]
    place = environment["DATA_API_FOLDER" if name == "data-api" else "RELEVO_DATASETS"]

    assert environment["RELEVO_DATASET"] == "${RELEVO_DATASET:-diabetes130}"
    assert ["${RELEVO_DATASETS", "-datasets}", place, "ro"] in mounted


def test_without_a_folder_of_ones_own_an_empty_volume_stands_in_for_it() -> None:
    assert "datasets" in CLUSTER["volumes"]


def secrets_of(container: dict[str, Any]) -> set[str]:
    """The files that a container finds in /run/secrets, by their names here."""
    named: list[str | dict[str, str]] = container.get("secrets", [])
    return {each if isinstance(each, str) else each["source"] for each in named}


def unset(container: dict[str, Any]) -> list[str]:
    """The variables that a container has from the shell or .env, or not at all."""
    given: dict[str, str | None] = container.get("environment", {})
    return [name for name, value in given.items() if value is None]


def variable(name: str, field: FieldInfo) -> str:
    return str(field.validation_alias or name.upper())
