"""The Debian package: what it is made of. `scripts/package --check` builds, installs and purges the whole."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from callcentre.cli.installing.unit import unit_text
from callcentre.configuration import read
from callcentre.kernel.settings import database_of, log_file_of
from scripts.packaging import build
from scripts.packaging.build import About
from scripts.packaging.requirements import needed, pinned
from tests.testbed.process import CHECKOUT

DEBIAN = CHECKOUT / "scripts" / "packaging" / "debian"
LOCK = CHECKOUT / "scripts" / "requirements.txt"
ABOUT = About(version="0.1.0~git1", architecture="amd64", python=(3, 11), at=1_790_000_000)
LIMIT = 60


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package without the environment of Python."""
    folder = tmp_path_factory.mktemp("package")
    build.files(folder / "root", ABOUT)
    return build.pack(folder / "root", folder, ABOUT)


@pytest.fixture(scope="module")
def unpacked(package: Path) -> Path:
    folder = package.parent / "unpacked"
    subprocess.run(["dpkg-deb", "--raw-extract", str(package), str(folder)], check=True, timeout=LIMIT)
    return folder


def test_what_the_program_needs_is_pinned_and_nothing_of_the_tests_comes_along() -> None:
    names = needed(CHECKOUT / "pyproject.toml")
    assert {"aiohttp", "multidict", "sqlalchemy", "psycopg", "psycopg-binary"} <= names
    assert not {"pytest", "ruff", "mypy", "hypothesis", "callcentre"} & names
    lock = pinned(LOCK, names)
    assert len(re.findall(r"(?m)^[a-z].*==", lock)) == len(names)
    assert len(re.findall(r"--hash=sha256:", lock)) > len(names)


def test_a_requirement_that_is_not_pinned_is_named(tmp_path: Path) -> None:
    (tmp_path / "lock.txt").write_text("one==1 \\\n    --hash=sha256:00\n", encoding="utf-8")
    with pytest.raises(LookupError, match="lacks two"):
        pinned(tmp_path / "lock.txt", {"one", "two"})


def test_the_configuration_of_the_package_has_no_mistake_and_is_in_the_folders_of_debian(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(build.configuration(), encoding="utf-8")
    configuration = read(file)
    assert str(database_of(configuration).path) == "/var/lib/callcentre/callcentre.db"
    assert log_file_of(configuration) == Path("/var/log/callcentre/facts.log")


@pytest.mark.parametrize("script", build.SCRIPTS)
def test_a_maintainer_script_is_one_of_the_plain_shell_that_stops_at_an_error(script: str) -> None:
    shell = shutil.which("dash") or "sh"
    assert subprocess.run([shell, "-n", str(DEBIAN / script)], check=False, timeout=LIMIT).returncode == 0
    lines = (DEBIAN / script).read_text(encoding="utf-8").splitlines()
    assert lines[0] == "#!/bin/sh"
    assert "set -e" in lines


@pytest.mark.parametrize("script", ["prerm", "postrm"])
@pytest.mark.parametrize("asked", ["upgrade", "failed-upgrade", "disappear", "abort-install"])
def test_a_maintainer_script_does_nothing_when_dpkg_asks_for_nothing(script: str, asked: str) -> None:
    """Without systemd: this is how dpkg calls them in a container."""
    if Path("/run/systemd/system").exists():
        pytest.skip("systemd runs here")
    done = subprocess.run(["sh", str(DEBIAN / script), asked], capture_output=True, check=False, timeout=LIMIT)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_dpkg_reads_the_package_and_its_name_version_and_needs(package: Path) -> None:
    assert package.name == "callcentre_0.1.0~git1_amd64.deb"
    shown = subprocess.run(
        ["dpkg-deb", "--field", str(package)], check=True, capture_output=True, text=True, timeout=LIMIT
    ).stdout
    fields = dict(re.findall(r"(?m)^([A-Za-z-]+): (.*)$", shown))
    assert fields["Package"] == "callcentre"
    assert fields["Version"] == ABOUT.version
    assert "python3 (>= 3.11~), python3 (<< 3.12~)" in fields["Depends"]
    assert int(fields["Installed-Size"]) > 0
    assert re.fullmatch(r".+ <\S+@\S+>", fields["Maintainer"])
    assert max(len(line) for line in shown.splitlines() if line.startswith(" ")) <= 80


def test_files_of_the_administrator_are_conffiles_and_all_others_have_a_checksum(unpacked: Path) -> None:
    control = unpacked / "DEBIAN"
    conffiles = (control / "conffiles").read_text(encoding="utf-8").split()
    assert conffiles == ["/etc/callcentre/config.yaml", "/etc/logrotate.d/callcentre"]
    summed = {line.split("  ", 1)[1] for line in (control / "md5sums").read_text(encoding="utf-8").splitlines()}
    there = {str(path.relative_to(unpacked)) for path in unpacked.rglob("*")
             if path.is_file() and not path.is_symlink() and control not in path.parents}  # fmt: skip
    assert summed == there - {path.removeprefix("/") for path in conffiles}
    done = subprocess.run(["md5sum", "--quiet", "--check", "DEBIAN/md5sums"], cwd=unpacked, check=False, timeout=LIMIT)
    assert done.returncode == 0


def test_the_same_source_makes_the_same_package_whatever_the_umask(package: Path, tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        build.files(tmp_path / "root", ABOUT)
        again = build.pack(tmp_path / "root", tmp_path, ABOUT)
    finally:
        os.umask(before)
    assert again.read_bytes() == package.read_bytes()


def test_only_programs_may_be_run(unpacked: Path) -> None:
    for path in unpacked.rglob("*"):
        if path.is_symlink():
            continue
        is_program = path.is_dir() or (path.parent.name == "DEBIAN" and path.name in build.SCRIPTS)
        assert stat.S_IMODE(path.stat().st_mode) == (0o755 if is_program else 0o644), path


def test_the_unit_is_the_one_of_install_and_starts_the_program_of_the_package(unpacked: Path) -> None:
    unit = (unpacked / "usr/lib/systemd/system/callcentre.service").read_text(encoding="utf-8")
    assert unit == unit_text(["/usr/bin/callcentre"], "/etc/callcentre/config.yaml")
    assert os.readlink(unpacked / "usr/bin/callcentre") == "../lib/callcentre/bin/callcentre"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze")
def test_systemd_finds_nothing_wrong_with_the_unit_and_holds_it_for_hardened(tmp_path: Path) -> None:
    unit = tmp_path / "callcentre.service"
    unit.write_text(unit_text(["/bin/true"], "/etc/callcentre/config.yaml"), encoding="utf-8")
    verified = subprocess.run(
        ["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False, timeout=LIMIT
    )
    assert (verified.returncode, verified.stderr) == (0, "")
    shown = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(unit)],
        capture_output=True, text=True, check=False, timeout=LIMIT,
    )  # fmt: skip
    assert shown.returncode == 0, shown.stdout[-300:]


def test_the_alert_rules_and_the_dashboard_are_in_the_package(unpacked: Path) -> None:
    for name in ("alerts.yml", "dashboard.json"):
        ours = CHECKOUT / "docs" / "operate" / "monitoring" / name
        assert (unpacked / "usr/share/callcentre" / name).read_bytes() == ours.read_bytes()


@pytest.mark.skipif(shutil.which("logrotate") is None, reason="no logrotate: apt install logrotate")
def test_logrotate_reads_its_file(tmp_path: Path) -> None:
    file = tmp_path / "callcentre"
    file.write_text((DEBIAN / "logrotate").read_text(encoding="utf-8"), encoding="utf-8")
    file.chmod(0o644)
    command = ["logrotate", "--debug", "--state", str(tmp_path / "state"), str(file)]
    assert subprocess.run(command, capture_output=True, check=False, timeout=LIMIT).returncode == 0


def test_the_page_shows_the_file_of_logrotate_as_it_is_in_the_package() -> None:
    page = (CHECKOUT / "docs" / "operate" / "watch.md").read_text(encoding="utf-8")
    assert f"```\n{(DEBIAN / 'logrotate').read_text(encoding='utf-8')}```\n" in page
