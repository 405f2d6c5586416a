"""Makes the tree of the package, and the package from it.

The program is a virtual environment below /usr/lib/callcentre, as dh-virtualenv makes them, with the Python of Debian.
Every file of it is pinned: by a hash in scripts/requirements.txt, or by the commit. Files have the time of the commit,
and compiled modules hold the hash of their source, so the same commit makes the same package.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path

from callcentre.cli.installing.unit import NAME, unit_text
from scripts.packaging.requirements import needed, pinned
from scripts.packaging.version import epoch, version

TOP = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
PYTHON = "/usr/bin/python3"
PROGRAM = "/usr/bin/callcentre"
HOME = "usr/lib/callcentre"
CONFIGURATION = "/etc/callcentre/config.yaml"

CONFFILES = (CONFIGURATION, "/etc/logrotate.d/callcentre")
SCRIPTS = ("postinst", "prerm", "postrm")

_ENTRY = f"""#!/{HOME}/bin/python3
import sys

from callcentre.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
"""

_CONFIGURATION_OF_THE_PACKAGE = (
    ("$schema=callcentre/config/schema.json", "$schema=/usr/share/callcentre/config.schema.json"),
    ("url: sqlite:///callcentre.db    # relative to this file's folder",
     "url: sqlite:////var/lib/callcentre/callcentre.db"),
    ("file: null                      # null: standard output",
     "file: /var/log/callcentre/facts.log   # null: standard output"),
)  # fmt: skip
"""Where the configuration of the package differs from that of the checkout: folders of Debian."""

_CONTROL = """Package: callcentre
Version: {version}
Architecture: {architecture}
Maintainer: {maintainer}
Installed-Size: {size}
Depends: adduser, init-system-helpers (>= 1.54~), libc6 (>= 2.28), python3 (>= {python}~), python3 (<< {next_python}~)
Recommends: ca-certificates, logrotate
Suggests: asterisk (>= 1:20), postgresql, prometheus
Section: comm
Priority: optional
Description: callbacks, texts and surveys for the queues of an Asterisk PBX
 A daemon beside Asterisk (20 or newer) that looks after the people who wait in
 its queues. A caller may hang up, keeps the place in the queue and is called
 back. Callers get texts, and are asked afterwards how it went. It watches the
 queues over ARI, Asterisk's REST interface; with the daemon away callers reach
 their queue all the same.
 .
 The package has the program with all Python packages that it needs, a systemd
 unit, the prompts in English, Finnish and Swedish, alert rules for Prometheus
 and a dashboard for Grafana.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a package is called and when it was made. `python` is such as (3, 11), `at` seconds since 1970."""

    version: str
    architecture: str
    python: tuple[int, int]
    at: int

    @property
    def file(self) -> str:
        """The name of the package's file."""
        return f"callcentre_{self.version}_{self.architecture}.deb"

    @property
    def maintainer(self) -> str:
        """Who packs it, as Debian's own tools are told."""
        name = os.environ.get("DEBFULLNAME", "The callcentre project")
        return f"{name} <{os.environ.get('DEBEMAIL', 'packages@callcentre.invalid')}>"


def about() -> About:
    """The package of this commit for this machine."""
    python = _output(PYTHON, "-c", "import sys; print(*sys.version_info[:2])").split()
    return About(
        version=version(TOP),
        architecture=_output("dpkg", "--print-architecture"),
        python=(int(python[0]), int(python[1])),
        at=epoch(TOP),
    )


def build(folder: Path, package: About) -> Path:
    """Build the package into a folder; its file."""
    with tempfile.TemporaryDirectory(prefix="callcentre-package-") as scratch:
        root = Path(scratch, "root")
        program(root, Path(scratch), package)
        files(root, package)
        return pack(root, folder, package)


# --- the program ------------------------------------------------------------------------------------


def program(root: Path, scratch: Path, package: About) -> None:
    """The virtual environment with the pinned requirements and callcentre."""
    home = root / HOME
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(package.at), "PYTHONHASHSEED": "0"}
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet"]
    _run(*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(scratch), str(TOP), env=environment)
    (wheel,) = scratch.glob("callcentre-*.whl")
    lock = scratch / "requirements.txt"
    lock.write_text(pinned(TOP / "scripts" / "requirements.txt", needed(TOP / "pyproject.toml")), encoding="utf-8")
    _run(PYTHON, "-m", "venv", "--without-pip", str(home))
    into = [*pip, "--python", str(home / "bin" / "python3"), "install", "--no-compile", "--no-deps"]
    _run(*into, "--require-hashes", "--only-binary", ":all:", "-r", str(lock), env=environment)
    _run(*into, str(wheel), env=environment)
    tidy(home, package.python)
    library = home / "lib"
    _run(
        PYTHON, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", "-s", str(root), "-p", "/",
        str(library), env=environment,
    )  # fmt: skip


def tidy(home: Path, python: tuple[int, int]) -> None:
    """Leave in the environment what the program needs, with nothing of the machine that it was made on."""
    for path in (home / "bin").iterdir():
        if path.name != "python3":
            path.unlink()
    (home / "bin" / "python3").unlink(missing_ok=True)
    (home / "bin" / "python3").symlink_to(PYTHON)
    for name in ("include", "lib64", "share"):
        path = home / name
        if path.is_symlink():
            path.unlink()
        elif path.is_dir():
            shutil.rmtree(path)
    version = ".".join(map(str, python))
    (home / "pyvenv.cfg").write_text(
        f"home = {Path(PYTHON).parent}\ninclude-system-site-packages = false\nversion = {version}\n", encoding="utf-8"
    )
    # dpkg knows which files there are; the others name places of the machine that it was made on.
    for pattern in ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json"):
        for path in home.glob(f"lib/python*/site-packages/*.dist-info/{pattern}"):
            path.unlink()
    entry = home / "bin" / "callcentre"
    entry.write_text(_ENTRY, encoding="utf-8")
    entry.chmod(0o755)


# --- the other files --------------------------------------------------------------------------------


def files(root: Path, package: About) -> None:
    """Everything of the package but the program and the control files."""
    for path, content in texts(package).items():
        target = root / path.removeprefix("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    link = root / PROGRAM.removeprefix("/")
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to("../lib/callcentre/bin/callcentre")
    shutil.copytree(TOP / "docs", root / "usr/share/doc/callcentre/docs")


def texts(package: About) -> Mapping[str, bytes]:
    """The contents of these files, by their paths on the machine."""
    debian = HERE / "debian"
    found = {
        CONFIGURATION: configuration().encode(),
        "/etc/logrotate.d/callcentre": (debian / "logrotate").read_bytes(),
        f"/usr/lib/systemd/system/{NAME}": unit_text([PROGRAM], CONFIGURATION).encode(),
        "/usr/share/callcentre/config.schema.json": (TOP / "callcentre/config/schema.json").read_bytes(),
        "/usr/share/callcentre/secrets": (debian / "secrets").read_bytes(),
        "/usr/share/doc/callcentre/README.Debian": (debian / "README.Debian").read_bytes(),
        "/usr/share/doc/callcentre/README.md": (TOP / "README.md").read_bytes(),
        "/usr/share/doc/callcentre/copyright": (debian / "copyright").read_bytes(),
        "/usr/share/doc/callcentre/changelog.gz": gzip.compress(_changelog(package).encode(), 9, mtime=0),
    }
    for path in sorted((TOP / "docs/operate/monitoring").iterdir()):
        found[f"/usr/share/callcentre/{path.name}"] = path.read_bytes()
    return found


def configuration() -> str:
    """The shipped config.yaml with the folders of Debian."""
    text = (TOP / "config.yaml").read_text(encoding="utf-8")
    for before, after in _CONFIGURATION_OF_THE_PACKAGE:
        if text.count(before) != 1:
            raise LookupError(f"config.yaml: has no line any more with: {before}")
        text = text.replace(before, after)
    return text


def _changelog(package: About) -> str:
    return (
        f"callcentre ({package.version}) unstable; urgency=medium\n\n  * See docs/changelog.md in this folder.\n\n"
        f" -- {package.maintainer}  {formatdate(package.at)}\n"
    )


# --- the package ------------------------------------------------------------------------------------


def pack(root: Path, folder: Path, package: About) -> Path:
    """The package with what is in a tree; its file."""
    control = root / "DEBIAN"
    sums, size = _sums(root)
    control.mkdir()
    (control / "control").write_text(control_text(package, size), encoding="utf-8")
    (control / "conffiles").write_text("".join(f"{path}\n" for path in CONFFILES), encoding="utf-8")
    (control / "md5sums").write_text(sums, encoding="utf-8")
    for script in SCRIPTS:
        shutil.copyfile(HERE / "debian" / script, control / script)
    _same_for_everybody(root, package.at)
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / package.file
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(package.at)}
    _run("dpkg-deb", "--root-owner-group", "-Zxz", "--build", str(root), str(made), env=environment)
    return made


def control_text(package: About, size: int) -> str:
    """The control file; `size` is in KiB."""
    major, minor = package.python
    return _CONTROL.format(
        version=package.version,
        architecture=package.architecture,
        maintainer=package.maintainer,
        size=size,
        python=f"{major}.{minor}",
        next_python=f"{major}.{minor + 1}",
    )


def _sums(root: Path) -> tuple[str, int]:
    """The checksums of the files as dpkg has them, and their size in KiB."""
    lines, size = [], 0
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root)
        size += 1 if path.is_symlink() or path.is_dir() else -(-path.stat().st_size // 1024)
        if path.is_file() and not path.is_symlink() and f"/{name}" not in CONFFILES:
            lines.append(f"{hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()}  {name}\n")
    return "".join(lines), size


def _same_for_everybody(root: Path, at: int) -> None:
    """Modes that do not depend on the umask, and times that do not depend on the day."""
    for path in (root, *root.rglob("*")):
        if not path.is_symlink():
            is_script = path.parent.name == "DEBIAN" and path.name in SCRIPTS
            may_run = path.stat().st_mode & stat.S_IXUSR and ".so" not in path.name
            is_program = path.is_dir() or is_script or may_run
            path.chmod(0o755 if is_program else 0o644)
        os.utime(path, (at, at), follow_symlinks=False)


def _run(*command: str, env: Mapping[str, str] | None = None) -> None:
    subprocess.run(command, check=True, env=env, stdin=subprocess.DEVNULL)


def _output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
