"""Dashboards, rules and configuration say what they should, by files alone."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from relevo_observability.__main__ import documents
from relevo_observability.declared import all_series, labels_of_series
from tests.observability.expressions import (
    FOLDER,
    Expression,
    addresses,
    dashboards,
    of_dashboards,
    of_rules,
    panels,
    prometheus_config,
    rules,
    variables,
)
from tests.observability.programs import ROOT, program

OF_OTHERS = {"up", "ALERTS"}
OTHERS_PREFIXES = ("process_", "python_", "node_", "pg_", "container_")
ALERTS = rules("alerts.yml")
EXPRESSIONS = [*of_dashboards(), *of_rules("alerts.yml"), *of_rules("recording.yml")]
WITH_A_CHOICE = [
    asked
    for asked in of_dashboards()
    if variables(dashboards()[asked.place.partition(":")[0]])
]


def check(name: str, *arguments: str | Path) -> None:
    done = subprocess.run([program(name), *arguments], capture_output=True, text=True)

    assert done.returncode == 0, done.stdout + done.stderr


def by_name(rule: dict[str, Any]) -> str:
    return str(rule["alert"])


def test_what_is_generated_is_what_is_committed() -> None:
    stale = [p.name for p, text in documents().items() if p.read_text() != text]

    assert stale == [], "run `make generate`"


@pytest.mark.parametrize("asked", EXPRESSIONS, ids=lambda asked: asked.place)
def test_only_metrics_that_exist_are_asked_for(asked: Expression) -> None:
    recorded = {rule["record"] for rule in rules("recording.yml")}
    unknown = {
        metric
        for metric in asked.metrics - all_series() - recorded - OF_OTHERS
        if not metric.startswith(OTHERS_PREFIXES)
    }

    assert asked.metrics, f"no metric was found in {asked.expr}"
    assert unknown == set()


@pytest.mark.parametrize("name", dashboards())
def test_every_panel_has_a_unit_says_what_is_bad_and_fills_its_row(name: str) -> None:
    board = dashboards()[name]
    for panel in panels(board):
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        assert "Bad:" in panel["description"], panel["title"]
        assert panel["datasource"] == {"type": "prometheus", "uid": "prometheus"}
    rows: dict[int, int] = {}
    for panel in panels(board):
        place = panel["gridPos"]
        rows[place["y"]] = rows.get(place["y"], 0) + place["w"]
    assert set(rows.values()) == {24}
    assert board["annotations"]["list"][0]["name"] == "Promotions"


@pytest.mark.parametrize("name", dashboards())
def test_a_graph_begins_at_zero_a_share_ends_at_one_and_counts_are_whole(name: str) -> None:
    for panel in panels(dashboards()[name]):
        shown = panel["fieldConfig"]["defaults"]
        if panel["type"] != "timeseries":
            continue
        figures = shown.get("decimals") == 3  # of models, which have no floor worth seeing
        assert figures or shown["min"] == 0, panel["title"]
        if shown["unit"] == "percentunit":
            assert 1 in (shown.get("max"), shown["custom"].get("axisSoftMax")), panel
        if "axisLabel" in shown["custom"]:
            assert shown["decimals"] == 0, panel["title"]


def test_an_interval_is_a_band_between_lines_that_are_asked_for() -> None:
    bands = [
        (panel, override["matcher"]["options"], value["value"])
        for panel in panels(dashboards()["models"])
        for override in panel["fieldConfig"]["overrides"]
        for value in override["properties"]
        if value["id"] == "custom.fillBelowTo"
    ]

    assert bands
    for panel, upper, lower in bands:
        legends = {target["legendFormat"] for target in panel["targets"]}
        figure = upper.removesuffix(" high")
        assert (upper, lower) == (f"{figure} high", f"{figure} low")
        assert legends == {"{{figure}}", "{{figure}} low", "{{figure}} high"}
        assert figure in panel["targets"][0]["expr"]


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("home", "dataset"),
        ("pipeline", "dataset"),
        ("kafka-lag", "dataset"),
        ("source", "dataset"),
        ("models", "model"),
        ("api", "model"),
    ],
)
def test_a_board_offers_what_its_metrics_tell_of_and_shows_all_at_first(
    name: str, label: str
) -> None:
    [variable] = variables(dashboards()[name])
    metric, _ = variable["query"].removeprefix("label_values(").split(", ")

    assert variable["name"] == label
    assert variable["query"] == f"label_values({metric}, {label})"
    assert label in labels_of_series()[metric]
    assert variable["current"]["value"] == "$__all"
    assert (variable["includeAll"], variable["allValue"]) == (True, ".*")


@pytest.mark.parametrize("asked", WITH_A_CHOICE, ids=lambda asked: asked.place)
def test_what_is_chosen_above_the_panels_holds_for_every_series_that_has_the_label(
    asked: Expression,
) -> None:
    recorded = {rule["record"]: ("model",) for rule in rules("recording.yml")}
    labels = labels_of_series() | recorded
    chosen = [
        metric
        for metric in asked.metrics
        if {"dataset", "model"} & {*labels.get(metric, ())}
    ]

    assert [metric for metric in chosen if asked.unchosen(metric)] == []


@pytest.mark.parametrize("name", dashboards())
def test_a_board_links_to_the_others_and_to_pages_whose_addresses_prometheus_is_told(
    name: str,
) -> None:
    compose = yaml.load((ROOT / "compose.yaml").read_text(), yaml.CSafeLoader)
    [target] = yaml.load(compose["configs"]["doors"]["content"], yaml.CSafeLoader)
    board = dashboards()[name]
    boards, *pages = board["links"]

    assert (boards["tags"], boards["keepTime"], boards["includeVars"]) == (
        board["tags"],
        True,
        True,
    )
    assert [page["url"] for page in pages] == [f"${{{door}}}" for door in target["labels"]]
    assert [each["query"] for each in addresses(board)] == [
        f'label_values(up{{job="doors"}}, {door})' for door in target["labels"]
    ]


def test_grafana_opens_on_a_board_that_is_there() -> None:
    compose = yaml.load((ROOT / "compose.yaml").read_text(), yaml.CSafeLoader)
    grafana = compose["services"]["grafana"]
    opened = Path(grafana["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"])

    assert f"./observability/grafana/dashboards:{opened.parent}:ro" in grafana["volumes"]
    assert dashboards()[opened.stem]["uid"] == "relevo-home"


def test_the_dashboards_ask_the_data_source_that_is_provisioned() -> None:
    provisioned = (FOLDER / "grafana/provisioning/datasources/prometheus.yml").read_text()

    assert "uid: prometheus " in provisioned


@pytest.mark.parametrize("rule", ALERTS, ids=by_name)
def test_an_alert_says_how_urgent_it_is_what_it_means_and_what_to_do(
    rule: dict[str, Any],
) -> None:
    page, _, anchor = rule["annotations"]["runbook"].partition("#")
    headings = re.findall(r"^#+ (.+)$", (ROOT / page).read_text(), re.MULTILINE)

    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert "\n" not in rule["annotations"]["summary"]
    assert anchor == rule["alert"].lower()
    assert rule["alert"] in headings


@pytest.mark.parametrize("rule", ALERTS, ids=by_name)
def test_an_alert_is_tested_to_fire(rule: dict[str, Any]) -> None:
    text = (FOLDER / "prometheus/tests/alerts.yml").read_text()
    fired = re.findall(r"alertname: (\w+)\n\s+eval_time: \w+\n\s+exp_alerts:\n", text)

    assert rule["alert"] in fired


@pytest.mark.parametrize("name", ["prometheus.yml", "local.yml"])
def test_prometheus_takes_its_configuration_and_rules(tmp_path: Path, name: str) -> None:
    shutil.copytree(FOLDER / "prometheus", tmp_path, dirs_exist_ok=True)
    copy, key = tmp_path / name, tmp_path / "key"
    key.write_text("relevo_none")  # compose.yaml gives it one
    copy.write_text(copy.read_text().replace("/run/secrets/relevo_api_key", str(key)))

    check("promtool", "check", "config", copy)


def test_prometheus_understands_what_the_dashboards_ask(tmp_path: Path) -> None:
    rules = [
        {"record": f"asked:{number}", "expr": asked.in_a_test}
        for number, asked in enumerate(of_dashboards())
    ]
    file = tmp_path / "asked.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "boards", "rules": rules}]}))

    check("promtool", "check", "rules", file)


def test_the_alerts_fire_when_they_should_and_only_then() -> None:
    check("promtool", "test", "rules", FOLDER / "prometheus/tests/alerts.yml")


def test_alertmanager_takes_its_configuration() -> None:
    check("amtool", "check-config", FOLDER / "alertmanager.yml")


def test_only_what_waits_for_the_service_that_is_down_is_silenced() -> None:
    [rule] = yaml.load((FOLDER / "alertmanager.yml").read_text(), yaml.CSafeLoader)[
        "inhibit_rules"
    ]
    tests = yaml.load(
        (FOLDER / "prometheus/tests/alerts.yml").read_text(), yaml.CSafeLoader
    )["tests"]
    named = re.findall(r"\b[A-Z]\w+", str(rule))
    fired = {
        (asked["alertname"], "job" in alert["exp_labels"])
        for test in tests
        for asked in test.get("alert_rule_test", [])
        for alert in asked["exp_alerts"]
        if asked["alertname"] in named
    }

    assert rule["equal"] == ["job"], "else one that is down silences all"
    assert fired == {(name, True) for name in named}, "without the label all are equal"


def test_every_service_is_looked_at_in_the_cluster() -> None:
    services = {path.parent.name for path in ROOT.glob("services/*/pyproject.toml")}
    looked_at = {
        target.partition(":")[0]
        for job in prometheus_config("prometheus.yml")["scrape_configs"]
        for config in job.get("static_configs", [])
        for target in config["targets"]
    } | {
        name
        for job in prometheus_config("prometheus.yml")["scrape_configs"]
        for config in job.get("dns_sd_configs", [])
        for name in config["names"]
    }

    assert services - looked_at == set()
