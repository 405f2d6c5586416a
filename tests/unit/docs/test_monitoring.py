"""The alert rules and the dashboard name only metrics, labels and facts that there are."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml
from promql_parser import AggregateExpr, BinaryExpr, Call, Expr, MatrixSelector, ParenExpr, VectorSelector

from scripts.reference.facts import all_facts
from scripts.reference.facts import name as fact_name
from scripts.reference.metrics import all_metrics, labels, public_name
from tests.testbed.process import CHECKOUT, TESTBED

MONITORING = CHECKOUT / "docs" / "operate" / "monitoring"
RULES = [
    rule
    for group in yaml.safe_load((MONITORING / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
]
DASHBOARD: dict[str, Any] = json.loads((MONITORING / "dashboard.json").read_text(encoding="utf-8"))
PANELS: list[dict[str, Any]] = DASHBOARD["panels"]
OF_PROMETHEUS = {"instance", "job"}
METRICS = {public_name(metric): {*labels(metric), *OF_PROMETHEUS} for metric in all_metrics()} | {"up": OF_PROMETHEUS}
FACTS = {fact_name(fact) for fact in all_facts()}


def expressions() -> Iterator[tuple[str, str]]:
    """Each expression with its place."""
    for rule in RULES:
        yield rule["alert"], rule["expr"]
    for panel in PANELS:
        for target in panel.get("targets", ()):
            yield f"{panel['title']} {target['refId']}", target["expr"]
    for annotation in DASHBOARD["annotations"]["list"]:
        yield annotation["name"], annotation["expr"]


def parsed(expression: str) -> Expr:
    """An expression, with Grafana's variables replaced. Raises ValueError for one that is not PromQL."""
    return promql_parser.parse(expression.replace("$__rate_interval", "5m"))


def nodes(one: Expr) -> Iterator[Expr]:
    """A part of an expression and all parts below it."""
    yield one
    match one:
        case BinaryExpr():
            below = [one.lhs, one.rhs]
        case AggregateExpr() | ParenExpr():
            below = [one.expr]
        case Call():
            below = list(one.args)
        case MatrixSelector():
            below = [one.vector_selector]
        case _:
            below = []
    for each in below:
        yield from nodes(each)


EXPRESSIONS = list(expressions())


@pytest.mark.parametrize(("place", "expression"), EXPRESSIONS, ids=[place for place, _ in EXPRESSIONS])
def test_an_expression_names_metrics_labels_and_facts_that_there_are(place: str, expression: str) -> None:
    used: set[str] = set()
    for node in nodes(parsed(expression)):
        if isinstance(node, VectorSelector):
            assert node.name in METRICS, place
            used.add(node.name)
            for matcher in node.matchers.matchers:
                assert matcher.name in METRICS[node.name], place
                if matcher.name == "event":
                    assert set(matcher.value.split("|")) <= FACTS, place
    assert used
    known = {label for name in used for label in METRICS[name]}
    for grouping in re.findall(r"\b(?:by|on) \(([^)]*)\)", expression):
        assert {label.strip() for label in grouping.split(",")} <= known, place


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_says_how_bad_it_is_what_is_wrong_and_what_to_do(rule: dict[str, Any]) -> None:
    assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
    assert rule["labels"]["severity"] in {"critical", "warning", "info"}
    assert set(rule["annotations"]) == {"summary", "description"}
    assert re.fullmatch(r"\d+[smh]", rule.get("for", "1m"))
    known = {label for node in nodes(parsed(rule["expr"])) if isinstance(node, VectorSelector)
             for label in METRICS[node.name or ""]}  # fmt: skip
    assert set(re.findall(r"\$labels\.(\w+)", str(rule["annotations"]))) <= known


def test_names_of_alerts_and_numbers_of_panels_are_there_once() -> None:
    assert len({rule["alert"] for rule in RULES}) == len(RULES)
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)


def test_a_panel_has_a_kind_a_source_and_a_place_of_its_own() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in PANELS:
        assert panel["type"] in {"row", "stat", "timeseries"}
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        fields = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                  for y in range(place["y"], place["y"] + place["h"])}  # fmt: skip
        assert not fields & taken, panel["title"]
        taken |= fields
        if panel["type"] != "row":
            assert panel["targets"]
            assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])
            sources = [panel["datasource"], *(target["datasource"] for target in panel["targets"])]
            assert all(source == {"type": "prometheus", "uid": "${datasource}"} for source in sources)


def test_the_dashboard_knows_every_variable_that_it_names() -> None:
    known = {variable["name"] for variable in DASHBOARD["templating"]["list"]}
    assert set(re.findall(r"\$\{?([a-z]\w*)", json.dumps(DASHBOARD))) == known


def promtool() -> str | None:
    """Debian's promtool (package prometheus), of the machine or of the test bed."""
    unpacked = TESTBED / "root" / "usr" / "bin" / "promtool"
    return shutil.which("promtool") or (str(unpacked) if unpacked.exists() else None)


@pytest.mark.skipif(promtool() is None, reason="no promtool: apt install prometheus")
def test_prometheus_raises_the_alerts_of_the_cases(tmp_path: Path) -> None:
    for file in (MONITORING / "alerts.yml", Path(__file__).with_name("alerts_test.yml")):
        shutil.copy(file, tmp_path)
    done = subprocess.run(
        [str(promtool()), "test", "rules", "alerts_test.yml"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
