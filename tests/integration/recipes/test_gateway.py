"""docs/contributing/add-a-gateway.md: one module and one line are an SMS gateway."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.integration.recipes.recipe import Copy, followed
from tests.testbed.configuration import merged, shipped

PAGE = "add-a-gateway.md"
SCRIPT = Path(__file__).with_name("gateway_script.py")
SECTION = {"file": "texts.txt", "report_url": "http://127.0.0.1:8090/hooks/example/dlr"}


@pytest.fixture
def project(tmp_path: Path) -> Copy:
    return followed(PAGE, tmp_path)


def configured(project: Copy, sms: dict[str, object]) -> str:
    """Write a configuration with these settings of texts, and give its name."""
    file = project.folder / "config.yaml"
    settings = merged(shipped(), {"sms": sms, "http": {"hook_token": "token-of-the-hooks"}})
    file.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    return str(file)


def test_texts_go_out_and_reports_and_texts_from_phones_come_in(project: Copy) -> None:
    file = configured(project, {"gateway": "example", "example": SECTION})
    ran = project.run(str(SCRIPT), file)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.splitlines() == [
        "sms.queued", "sms.accepted", "sms.delivered", "dlr 200 stored", "sms.received", "number.opted_out",
        "mo 200 stored",
    ]  # fmt: skip
    line = (project.folder / "texts.txt").read_text(encoding="utf-8")
    assert line.startswith("+358401234567 Neuvonta 'Hei Matti!' http://127.0.0.1:8090/hooks/example/dlr?")


def test_check_and_the_schema_know_it(project: Copy) -> None:
    good = project.run(
        "-m", "callcentre", "check", "-c", configured(project, {"gateway": "example", "example": SECTION})
    )
    assert good.returncode == 0, good.stderr
    lacking = project.run("-m", "callcentre", "check", "-c", configured(project, {"gateway": "example"}))
    assert "sms.gateway: example needs sms.example with file and report_url" in lacking.stdout + lacking.stderr
    assert '"example"' in project.run("-m", "callcentre", "schema").stdout


def test_without_the_line_it_is_not_known(tmp_path: Path) -> None:
    project = followed(PAGE, tmp_path, but_for="callcentre/messaging/gateways/__init__.py")
    refused = project.run(
        "-m", "callcentre", "check", "-c", configured(project, {"gateway": "example", "example": SECTION})
    )
    assert refused.returncode != 0
    assert "must be kannel, 46elks, twilio or console" in refused.stdout + refused.stderr


def test_what_it_shows_keeps_to_the_style_and_the_layers(project: Copy) -> None:
    assert project.checked() == ""
