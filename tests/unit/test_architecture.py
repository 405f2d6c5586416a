"""The rooms of the house keep to themselves: what decides does no I/O, and features know nothing of each other."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from callcentre.engine import migrations

HOUSE = Path(__file__).parents[2] / "callcentre"
FEATURES = HOUSE / "features"

# A feature's own parts that are put together with the rest, or ask the database.
PUT_TOGETHER = {"__init__.py", "feature.py", "reports.py", "settings.py", "tables.py"}
PURE = sorted(
    [
        *(HOUSE / "domain").glob("*.py"),
        *(HOUSE / "what_if").glob("*.py"),
        *(path for path in FEATURES.glob("*/*.py") if path.name not in PUT_TOGETHER),
    ]
)

# What opens files, sockets or clocks, or pulls in what does.
OUTSIDE = {
    "aiohttp", "aiosqlite", "alembic", "apscheduler", "asyncio", "io", "logging", "os", "pathlib", "random",
    "requests", "secrets", "shutil", "socket", "sqlalchemy", "sqlite3", "structlog", "subprocess", "tempfile",
    "threading", "time", "urllib.request", "yaml",
}  # fmt: skip
ROOMS_WITH_IO = ("app", "ari", "cli", "engine", "metrics", "web", "reports", "sounds")


def imports(path: Path) -> Iterator[str]:
    """Everything a module imports, also within functions; what only the type checker reads does not run."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    unread = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if node in unread:
            continue
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide which room they reach into"
            yield str(node.module)
            yield from (f"{node.module}.{name.name}" for name in node.names)


def within(module: str, *packages: str) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


@pytest.mark.parametrize("path", PURE, ids=lambda path: str(path.relative_to(HOUSE)))
def test_what_decides_imports_nothing_that_does_io(path: Path):
    rooms = tuple(f"callcentre.{room}" for room in ROOMS_WITH_IO)
    assert [module for module in imports(path) if within(module, *OUTSIDE, *rooms)] == []


@pytest.mark.parametrize("path", PURE, ids=lambda path: str(path.relative_to(HOUSE)))
def test_what_decides_reads_no_clock_and_rolls_no_dice(path: Path):
    calls = {
        ast.unparse(node.func)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
    }
    clocks = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "uuid.uuid4", "open"}
    assert calls & clocks == set()


@pytest.mark.parametrize("feature", sorted(p.name for p in FEATURES.iterdir() if (p / "__init__.py").exists()))
def test_features_do_not_import_each_other(feature: str):
    others = tuple(f"callcentre.features.{p.name}" for p in FEATURES.iterdir() if p.is_dir() and p.name != feature)
    for path in (FEATURES / feature).glob("*.py"):
        assert [module for module in imports(path) if within(module, *others)] == [], path


# The daemon, the migrations, and what asks the same rules about calls of the past.
PUTS_TOGETHER = (HOUSE / "app.py", HOUSE / "engine" / "migrations" / "env.py", HOUSE / "what_if" / "rules.py")


def test_only_the_app_puts_features_together():
    for path in HOUSE.rglob("*.py"):
        if path.is_relative_to(FEATURES) or path in PUTS_TOGETHER:
            continue
        inner = {m for m in imports(path) if within(m, "callcentre.features") and m.count(".") >= 3}
        assert {m for m in inner if m.split(".")[3] != "settings"} == set(), path


def test_every_feature_that_decides_is_put_together_in_the_app():
    text = (HOUSE / "app.py").read_text(encoding="utf-8")
    for policy in FEATURES.glob("*/policy.py"):
        assert f"{policy.parent.name}.feature(world)" in text


def test_the_last_step_of_the_schema_is_named_after_its_revision():
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    assert ScriptDirectory.from_config(config).get_current_head() == migrations.HEAD
