"""What a browser loads: files of others are unchanged, ours can be read in both themes, all run under the policy."""

from __future__ import annotations

import gzip
import hashlib
import re
from importlib.resources import files
from pathlib import Path

import pytest

import callcentre

STATIC = Path(str(files("callcentre.web") / "static"))
PACKAGE = Path(callcentre.__file__).parent
OTHERS = {
    fields[0]: fields
    for line in (STATIC / "VERSIONS.txt").read_text().splitlines()
    if not line.startswith("#") and (fields := line.split())
}
# The pages of surveys have a policy and a style of their own.
TEMPLATES = sorted(
    path for path in PACKAGE.rglob("*.html") if "surveys" not in path.parts and {"templates", "pages"} & set(path.parts)
)
FIRST_VISIT = ("pico.min.css", "callcentre.css", "app.js", "htmx.min.js", "live.js", "tones.js")
BUDGET = 60_000
"""Bytes, compressed, of what the live page loads at the first visit, without its HTML. The goal with it is 120 KB."""


def test_files_of_others_are_those_of_their_packages() -> None:
    minified = {path.name for path in STATIC.iterdir() if ".min." in path.name}
    assert minified == set(OTHERS)
    for name, package, _version, _path, _licence, digest in OTHERS.values():
        assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == digest, name
        licence = STATIC / "LICENSES" / f"{package.split('/')[-1].removesuffix('.org')}.txt"
        assert "permission" in licence.read_text().lower(), package


def test_the_first_visit_is_small() -> None:
    assert sum(len(gzip.compress((STATIC / name).read_bytes())) for name in FIRST_VISIT) < BUDGET
    assert len((STATIC / "live.js").read_bytes()) < 12_288


# ---- Colours ----

TOKENS = {
    name: values
    for name, *values in re.findall(
        r"^ +--([a-z0-9-]+): light-dark\((#\w{6}), (#\w{6})\);$", (STATIC / "callcentre.css").read_text(), re.MULTILINE
    )
}
TEXT = 4.5
"""WCAG 2.2, 1.4.3: the least contrast of text."""
SHAPE = 3.0
"""WCAG 2.2, 1.4.11: the least contrast of the edge of a field, the mark of the focus, a line of a chart."""

PAIRS = [
    *((fore, back, TEXT) for fore in ("text", "muted", "accent") for back in ("paper", "surface", "raised")),
    *((fore, back, TEXT) for fore in ("accent", "accent-strong", "text") for back in ("accent-soft",)),
    *((state, back, TEXT) for state in ("ok", "warning", "critical") for back in ("surface", "paper", f"{state}-soft")),
    *(("text", f"{state}-soft", TEXT) for state in ("ok", "warning", "critical")),
    *((f"{state}-soft", state, TEXT) for state in ("warning", "critical")),
    ("on-accent", "accent", TEXT),
    ("on-accent", "accent-strong", TEXT),
    ("on-danger", "danger", TEXT),
    ("danger", "surface", TEXT),
    ("danger", "raised", TEXT),
    ("danger", "critical-soft", TEXT),
    *((fore, back, SHAPE) for fore in ("edge", "accent") for back in ("paper", "surface", "raised")),
    *((f"series-{number}", "surface", SHAPE) for number in range(1, 7)),
]


def luminance(colour: str) -> float:
    """Relative luminance, from 0 to 1 (WCAG 2.2)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """From 1 to 21 (WCAG 2.2)."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_the_contrast_of_black_and_white() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("fore", "back", "least"), PAIRS)
def test_colours_can_be_read(theme: int, fore: str, back: str, least: float) -> None:
    assert contrast(TOKENS[fore][theme], TOKENS[back][theme]) >= least


# ---- The policy: default-src 'self' ----

INLINE = {
    "an inline style": r"<style|\sstyle\s*=",
    "an inline script": r"<script(?![^>]*\ssrc=)(?![^>]*type=\"application/json\")",
    "code in an attribute": r"\s(?:on[a-z]+|hx-on[\w:-]*)\s*=|javascript:|[\"']js:",
    "an address of another host": r"(?:src|href|action|hx-[a-z]+)\s*=\s*[\"'](?:https?:)?//",
}


def test_the_frame_is_among_the_templates() -> None:
    assert {"frame.html", "macros.html"} <= {path.name for path in TEMPLATES}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(PACKAGE)))
@pytest.mark.parametrize("what", INLINE)
def test_templates_run_under_the_policy(path: Path, what: str) -> None:
    source = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL)
    assert not (found := re.search(INLINE[what], source)), f"{path.name} has {what}: {found}"


def test_what_the_policy_refuses_is_found() -> None:
    refused = {
        "an inline style": ['<p style="color: red">', "<style>"],
        "an inline script": ["<script>alert(1)</script>", '<script type="module">'],
        "code in an attribute": [
            '<p onclick="f()">',
            '<p hx-on:click="f()">',
            '<a href="javascript:f()">',
            "hx-vals='js:f()'",
        ],
        "an address of another host": ['<a href="https://example.com">', '<img src="//example.com/x.png">'],
    }
    for what, sources in refused.items():
        for source in sources:
            assert re.search(INLINE[what], source), source
    assert not re.search(INLINE["an inline script"], '<script src="/static/app.js" defer></script>')


def test_our_style_and_scripts_load_nothing_from_elsewhere() -> None:
    for path in sorted(STATIC.iterdir()):
        if path.suffix in {".css", ".js"} and path.name not in OTHERS:
            source = path.read_text()
            assert not re.search(r"(?:https?:)?//[a-z]", source), path.name
            assert not re.search(r"url\([\"']?data:|\beval\(|new Function|innerHTML\s*=|document\.write", source), (
                path.name
            )


def test_icons_of_pico_are_ours() -> None:
    """Those of Pico are data: addresses, which the policy does not load."""
    icons = re.findall(r"(--pico-icon-[a-z]+):url\(\"?data:", (STATIC / "pico.min.css").read_text())
    ours = (STATIC / "callcentre.css").read_text()
    assert icons
    assert all(f"{icon}: " in ours for icon in icons)
    for name in re.findall(r"url\(\"(icon-[a-z-]+\.svg)\"\)", ours):
        assert (STATIC / name).is_file(), name
