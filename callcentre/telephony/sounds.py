"""The prompts that callers hear: where they are, what they say, and how they are installed in Asterisk.

Asterisk plays `callcentre/please-wait` from `<sounds folder>/<language>/callcentre/please-wait.<extension>`, in any
format that it finds there. An administrator's own recording of that name has precedence over ours.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from callcentre.values.languages import LANGUAGES

FOLDER: Final = "callcentre"
MANIFEST: Final = ".installed"

# Asterisk reads the prompts as another user, whatever the umask of the user who installs them.
_FOLDER_MODE: Final = 0o755
_FILE_MODE: Final = 0o644

# The extensions of Asterisk's audio formats (`core show file formats`), loaded or available as a module.
EXTENSIONS: Final = frozenset(
    {
        *("wav", "wav16", "WAV", "wav49", "gsm", "ilbc", "vox", "mp3", "au"),
        *("alaw", "al", "alw", "pcm", "ulaw", "ul", "mu", "ulw"),
        *("sln", "slin", "raw", "sln12", "sln16", "sln24", "sln32", "sln44", "sln48", "sln96", "sln192"),
        *("g719", "g722", "g723", "g723sf", "g726-16", "g726-24", "g726-32", "g726-40", "g729"),
        *("siren7", "siren14", "ogg", "opus", "spx", "spx16", "spx32"),
    }
)


class SoundsError(Exception):
    """Prompts could not be found or installed; the text says where, what, and how to fix it."""


@dataclass(frozen=True, slots=True)
class InstallReport:
    """The result for each prompt, as paths below the sounds folder.

    `kept` are an administrator's own recordings, by their file; the others are without extension.
    """

    installed: tuple[str, ...]
    updated: tuple[str, ...]
    unchanged: tuple[str, ...]
    kept: tuple[str, ...]


def share() -> Path:
    """The folder of our prompts, with one folder for each language: in the installed package, or in the checkout."""
    package = Path(__file__).parents[1]
    for folder in (package / "share" / "sounds", package.parent / "sounds"):
        if folder.is_dir():
            return folder
    raise SoundsError(f"{package}: the prompts are missing from this installation; install callcentre again")


def texts(language: str, source: Path | None = None) -> dict[str, str]:
    """The text of each prompt in `language`, by name (such as `numbers/7`)."""
    path = (source or share()) / language / "prompts.yaml"
    try:
        read = yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - makes texts only  # nosec B506
    except FileNotFoundError:
        raise SoundsError(f"{path}: no such file; every language has the words of its prompts there") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SoundsError(f"{path}: is not YAML: {error}") from error
    if not isinstance(read, dict) or not all(isinstance(text, str) and text for text in read.values()):
        raise SoundsError(f"{path}: must be lines of the form `name: what the prompt says`")
    return read


def lengths(source: Path | None = None) -> dict[str, dict[str, float]]:
    """The length of each of our prompts in seconds, by language and name: from the size, at 8 kHz and 16 bit."""
    source = source or share()
    return {
        language: {
            name: ((source / language / f"{name}.wav").stat().st_size - 44) / 16_000 for name in texts(language, source)
        }
        for language in LANGUAGES
    }


@dataclass(frozen=True, slots=True)
class Placing:
    """A file of the sounds folder with its new content; None: it is deleted."""

    path: Path
    content: bytes | None


def install(folder: Path, source: Path | None = None) -> InstallReport:
    """Copy our prompts into an Asterisk sounds folder. Repeat it to bring them up to date.

    Every file is replaced as a whole, so a prompt that is being played does not change. Raises SoundsError.
    """
    placings, report = plan(folder, source)
    try:
        for placing in placings:
            if placing.content is None:
                placing.path.unlink()
            else:
                _replace(placing.path, placing.content)
    except OSError as error:
        raise _cannot(folder, error) from error
    return report


def plan(folder: Path, source: Path | None = None) -> tuple[list[Placing], InstallReport]:
    """The files that `install` would write, in this order, and the result for each prompt. Raises SoundsError.

    A recording there that is not ours is kept, in any format, and ours of the same name is removed. Our files are
    recognised by the SHA-256 in `.installed`.
    """
    source = source or share()
    if not folder.is_dir():
        raise SoundsError(
            f"{folder}: no such folder; name the sounds folder of Asterisk, which is `sounds` in the "
            "astdatadir of asterisk.conf (often /usr/share/asterisk/sounds or /var/lib/asterisk/sounds)"
        )
    report: dict[str, list[str]] = {"installed": [], "updated": [], "unchanged": [], "kept": []}
    placings: list[Placing] = []
    try:
        for language in LANGUAGES:
            placings += _plan_language(source / language, folder, language, texts(language, source), report)
    except OSError as error:
        raise _cannot(folder, error) from error
    return placings, InstallReport(**{fate: tuple(names) for fate, names in report.items()})


def _cannot(folder: Path, error: OSError) -> SoundsError:
    return SoundsError(
        f"{folder}: cannot write below it: {(error.strerror or str(error)).lower()} ({error.filename}); "
        "fix that, or run this again as a user who may write there (root, or Asterisk's own)"
    )


def missing(folder: Path, languages: Iterable[str] = LANGUAGES) -> list[str]:
    """The prompts that Asterisk would not find below `folder`, such as `fi/callcentre/please-wait`."""
    absent = []
    for language in languages:
        target = folder / language / FOLDER
        there = _recordings(target)
        absent += [f"{language}/{FOLDER}/{name}" for name in texts(language) if target / name not in there]
    return absent


def _plan_language(
    source: Path, folder: Path, language: str, names: Iterable[str], report: dict[str, list[str]]
) -> list[Placing]:
    target = folder / language / FOLDER
    installed = _read_manifest(target)
    ours = {name: (source / f"{name}.wav").read_bytes() for name in names}
    sums = {name: _sha256(content) for name, content in ours.items()}
    there = _recordings(target)
    held: dict[str, set[str]] = {}
    placings: list[Placing] = []
    for name, content in ours.items():
        path = target / f"{name}.wav"
        found = there.get(target / name, [])
        known = installed.get(name, set()) | {sums[name]}
        own = [other for other in found if other != path or _sha256(path.read_bytes()) not in known]
        if own:
            if path in found and path not in own:
                placings.append(Placing(path, None))
            report["kept"] += [str(other.relative_to(folder)) for other in own]
            continue
        held[name] = {sums[name]}
        if not found:
            fate = "installed"
        elif _sha256(path.read_bytes()) != sums[name]:
            fate = "updated"
        else:
            fate = "unchanged"
        if fate != "unchanged":
            placings.append(Placing(path, content))
        report[fate].append(f"{language}/{FOLDER}/{name}")
    if placings:
        # Written before the files, so that after an interruption none of our files is taken for somebody else's.
        before = {name: installed.get(name, set()) | {sums[name]} for name in ours}
        placings.insert(0, Placing(target / MANIFEST, _manifest(before)))
    last = _manifest(held)
    if placings or _bytes(target / MANIFEST) != last:
        placings.append(Placing(target / MANIFEST, last))
    return placings


def _recordings(target: Path) -> dict[Path, list[Path]]:
    """Every recording below `target` that Asterisk can play, by its path without extension."""
    found: dict[Path, list[Path]] = {}
    for path in sorted(target.rglob("*")):
        if path.suffix.removeprefix(".") in EXTENSIONS and path.is_file():
            found.setdefault(path.with_suffix(""), []).append(path)
    return found


def _read_manifest(target: Path) -> dict[str, set[str]]:
    """By prompt, the hashes of the files that we installed: several only after an interrupted run."""
    try:
        lines = (target / MANIFEST).read_text("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return {}
    sums: dict[str, set[str]] = {}
    for line in lines:
        digest, _, file = line.partition("  ")
        sums.setdefault(file.removesuffix(".wav"), set()).add(digest)
    return sums


def _manifest(sums: Mapping[str, Iterable[str]]) -> bytes:
    """In the format of `sha256sum`, so that `sha256sum --check .installed` shows what was changed since."""
    lines = [f"{digest}  {name}.wav\n" for name, digests in sums.items() for digest in sorted(digests)]
    return "".join(lines).encode()


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _make_folder(path: Path) -> None:
    if not path.is_dir():
        _make_folder(path.parent)
        path.mkdir()
        path.chmod(_FOLDER_MODE)


def _replace(path: Path, content: bytes) -> None:
    _make_folder(path.parent)
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".new")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            os.fchmod(file.fileno(), _FILE_MODE)
        os.replace(beside, path)
    except BaseException:
        os.unlink(beside)
        raise


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
