"""A config.yaml for a test: the shipped one with this run's ports, and what the test changes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.testbed.process import CHECKOUT

Settings = dict[str, Any]
TOKEN = "token-of-this-run"


def merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> Settings:
    """`base` with `changes` laid over it, mapping by mapping; anything else is replaced whole."""
    result = dict(base)
    for key, value in changes.items():
        below = result.get(key)
        result[key] = merged(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return result


def shipped() -> Settings:
    """The shipped config.yaml. Scalars stay the text they are, except null, true and false."""
    settings: Settings = _typed(yaml.load((CHECKOUT / "config.yaml").read_text(encoding="utf-8"), yaml.BaseLoader))
    return settings


ALWAYS = {"numbers": {"call_hours": None}}
"""Tests run at night too: only those about call hours keep to them."""


def _typed(value: Any) -> Any:
    match value:
        case dict():
            return {key: _typed(one) for key, one in value.items()}
        case list():
            return [_typed(one) for one in value]
        case "null" | "~" | "":
            return None
        case "true" | "false":
            return value == "true"
        case _:
            return value


def write_configuration(
    file: Path,
    *,
    ari_url: str,
    sendsms_url: str | None = None,
    http_port: int,
    changes: Mapping[str, Any] | None = None,
) -> Path:
    """Write `file`: the shipped configuration for this Asterisk and this gateway (`console` when there is none).

    The database is callcentre.db beside the file.
    """
    of_this_run: Settings = {
        "ari": {"url": ari_url, "username": "callcentre", "password": "callcentre"},
        "http": {"listen": f"127.0.0.1:{http_port}", "token": TOKEN},
        # That of all phones and trunks of the test bed.
        "dialling": {"codec": "ulaw"},
    }
    if sendsms_url is None:
        of_this_run["sms"] = {"gateway": "console"}
    else:
        report_url = f"http://127.0.0.1:{http_port}/hooks/kannel/dlr"
        kannel = {"url": sendsms_url, "username": "callcentre", "password": "callcentre", "report_url": report_url}
        of_this_run["sms"] = {"gateway": "kannel", "kannel": kannel}
    settings = merged(merged(merged(shipped(), ALWAYS), of_this_run), changes or {})
    file.touch(0o600)
    file.write_text(yaml.safe_dump(settings, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return file


def hook_url(http_port: int) -> str:
    """Where Kannel brings texts from phones."""
    return f"http://127.0.0.1:{http_port}/hooks/kannel/mo?token={TOKEN}"
