"""Every expression that a dashboard or a rule asks Prometheus."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.observability.programs import ROOT

FOLDER = ROOT / "observability"
HIDDEN = 2
WITHOUT_UNDERSCORE = {"up", "ALERTS"}
VARIABLE = re.compile(r"\$(?:dataset|model)\b")
WORD = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
NO_METRIC = re.compile(
    r'"[^"]*"|\{[^}]*\}|\b(?:by|on|without|group_left|group_right)\s*\([^)]*\)'
)
FUNCTIONS = {
    *("histogram_quantile", "count_values", "label_replace", "__rate_interval"),
    *("min_over_time", "max_over_time", "last_over_time", "quantile_over_time"),
    "absent_over_time",
}


@dataclass(frozen=True)
class Expression:
    """Where it stands, and its PromQL."""

    place: str
    expr: str

    @property
    def in_a_test(self) -> str:
        """The same with a window that a short run fills, and with nothing chosen."""
        expr = self.expr.replace("$__rate_interval", "1m")
        return VARIABLE.sub(".*", expr)

    def unchosen(self, metric: str) -> list[str]:
        """The places where a series is asked for whatever the board's variable says."""
        selectors = re.findall(rf"\b{metric}\b(\{{[^}}]*\}})?", self.expr)
        return [each for each in selectors if not VARIABLE.search(each)]

    @property
    def metrics(self) -> set[str]:
        """The series that it names."""
        words = set(WORD.findall(NO_METRIC.sub("", self.expr)))
        return {
            word for word in words if "_" in word or word in WITHOUT_UNDERSCORE
        } - FUNCTIONS


def dashboards() -> dict[str, dict[str, Any]]:
    """The committed dashboards by their files' names."""
    files = sorted((FOLDER / "grafana/dashboards").glob("*.json"))
    return {file.stem: json.loads(file.read_text()) for file in files}


def variables(board: dict[str, Any]) -> list[dict[str, Any]]:
    """What a person may choose above the panels."""
    return [each for each in board["templating"]["list"] if each.get("hide") != HIDDEN]


def addresses(board: dict[str, Any]) -> list[dict[str, Any]]:
    """What nobody chooses: where the pages beside Grafana are."""
    return [each for each in board["templating"]["list"] if each.get("hide") == HIDDEN]


def panels(board: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The dashboard's panels without the headings of its rows."""
    return (panel for panel in board["panels"] if panel["type"] != "row")


def of_dashboards() -> list[Expression]:
    """Each target of each panel, and the annotations."""
    found = []
    for name, board in dashboards().items():
        for panel in panels(board):
            for target in panel["targets"]:
                place = f"{name}: {panel['title']} {target['refId']}"
                found.append(Expression(place, target["expr"]))
        for mark in board["annotations"]["list"]:
            found.append(Expression(f"{name}: {mark['name']}", mark["expr"]))
    return found


def rules(file: str) -> list[dict[str, Any]]:
    """The rules of a file, in order."""
    text = (FOLDER / "prometheus/rules" / file).read_text()
    return [
        rule
        for group in yaml.load(text, yaml.CSafeLoader)["groups"]
        for rule in group["rules"]
    ]


def of_rules(file: str) -> list[Expression]:
    """Each rule's expression under its name."""
    return [
        Expression(rule.get("alert") or rule["record"], rule["expr"])
        for rule in rules(file)
    ]


def prometheus_config(name: str) -> dict[str, Any]:
    """One of the two configurations."""
    text = Path(FOLDER / "prometheus" / name).read_text()
    config: dict[str, Any] = yaml.load(text, yaml.CSafeLoader)
    return config
