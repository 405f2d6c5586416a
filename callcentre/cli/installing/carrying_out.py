"""Writes planned changes, all of them or none, with a backup of what it replaces.

Each run has a folder below the backup folder, named by its time. Its `manifest.json` is there before anything is
changed, and says which files are changed and what they were. So a run that was cut off can be put back by the next one,
and `uninstall` knows what to take back.
"""

from __future__ import annotations

import glob
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from callcentre.cli.installing import blocks
from callcentre.cli.installing.blocks import BlockError
from callcentre.cli.installing.plan import Change, Kind, decoded, digest, encoded
from callcentre.cli.installing.survey import SurveyError, contents, is_private
from callcentre.config import private

MANIFEST = "manifest.json"
State = Literal["begun", "done", "put back", "uninstalled"]


class WriteError(Exception):
    """Not everything could be written; the text says what failed and what was put back."""


@dataclass(slots=True)
class Entry:
    """A file that a run changed. Sums are SHA-256; None: no file. `copy` is its name in the run's folder."""

    path: str
    kind: Kind
    before: str | None
    after: list[str | None]
    copy: str | None = None
    block: str | None = None
    joined: bool = False


@dataclass(slots=True)
class Run:
    """One run of `install` or `uninstall`."""

    folder: Path
    command: str
    at: str
    state: State
    entries: list[Entry] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    """The folders that it made."""

    def store(self, state: State) -> None:
        """Write the manifest with this state."""
        self.state = state
        manifest = {
            "command": self.command,
            "at": self.at,
            "state": state,
            "folders": self.folders,
            "files": [{name: getattr(entry, name) for name in Entry.__slots__} for entry in self.entries],
        }
        write_atomically(self.folder / MANIFEST, (json.dumps(manifest, indent=1) + "\n").encode(), mode=0o600)


def runs(backup: Path) -> list[Run]:
    """The runs in the backup folder, the first one first. Raises SurveyError."""
    if not backup.is_dir():
        return []
    found = []
    for folder in sorted(path for path in backup.iterdir() if (path / MANIFEST).is_file()):
        for path in (backup, folder, folder / MANIFEST):
            if not is_private(path):
                raise SurveyError(
                    f"{path}: others than you can write there, so it is not trusted; "
                    "look at it, then give it to this user alone, or move it away"
                )
        found.append(_read(folder))
    return found


def _read(folder: Path) -> Run:
    content = contents(folder / MANIFEST)
    try:
        manifest: Mapping[str, Any] = json.loads(content or b"")
        entries = [Entry(**entry) for entry in manifest["files"]]
        return Run(folder, manifest["command"], manifest["at"], manifest["state"], entries, list(manifest["folders"]))
    except (ValueError, KeyError, TypeError) as error:
        raise SurveyError(f"{folder / MANIFEST}: cannot be read ({error}); move {folder} away") from error


def ours(kept: Sequence[Run]) -> dict[str, str | None]:
    """The SHA-256 of each file as last written by a run that was not undone."""
    return {entry.path: entry.after[-1] for run in kept if run.state == "done" for entry in run.entries}


def interrupted(kept: Sequence[Run]) -> list[Run]:
    """Runs that were interrupted."""
    return [run for run in kept if run.state == "begun"]


# --- carrying out ----------------------------------------------------------------------------------


def carry_out(changes: Sequence[Change], backup: Path, command: str, at: datetime, *, may_empty: bool = False) -> Run:
    """Write all changes, in order. Raises WriteError after restoring what it had already changed.

    A file with contents becomes empty only with `may_empty`.
    """
    _look(changes, may_empty=may_empty)
    try:
        run = _begin(changes, backup, command, at)
    except (OSError, SurveyError) as error:
        raise WriteError(f"nothing was written: {_words(error)}") from error
    try:
        for change in changes:
            _apply(change, run)
        run.store("done")
    except BaseException as error:
        left = put_back(run)
        said = f"{_words(error)}; everything is as it was before"
        if left:
            said = f"{_words(error)}; put back, but for: {', '.join(left)}; the copies are in {run.folder}"
        if isinstance(error, (OSError, SurveyError, WriteError)):
            raise WriteError(said) from error
        raise
    return run


def _words(error: BaseException) -> str:
    if not isinstance(error, OSError):
        return str(error) or type(error).__name__
    words = f"{error.filename or ''}: {(error.strerror or str(error)).lower()}".removeprefix(": ")
    return f"{words}; run this as root" if isinstance(error, PermissionError) else words


def _look(changes: Sequence[Change], *, may_empty: bool) -> None:
    """Check that every file is as planned, that no link leads elsewhere, and that no file becomes empty."""
    seen: set[str] = set()
    for change in changes:
        path = Path(change.path)
        if change.after is not None and not change.after.strip() and (change.before or b"").strip() and not may_empty:
            raise WriteError(f"{path}: would be empty; nothing was written")
        if change.path in seen:
            continue
        seen.add(change.path)
        try:
            if path.is_symlink() and path.exists() and path.stat().st_uid != path.parent.stat().st_uid:
                raise WriteError(
                    f"{path}: is a link to a file of another user, {path.resolve()}, and was not followed; "
                    "nothing was written, put the file itself there"
                )
            now = contents(path)
        except (OSError, SurveyError) as error:
            raise WriteError(f"nothing was written: {_words(error)}") from error
        if now != change.before:
            raise WriteError(f"{path}: was changed by somebody meanwhile; nothing was written, run this again")


def _begin(changes: Sequence[Change], backup: Path, command: str, at: datetime) -> Run:
    """Copy what will be replaced, and write the manifest of what is about to happen."""
    entries: dict[str, Entry] = {}
    for change in changes:
        entry = entries.get(change.path)
        if entry is not None:
            entry.after.append(digest(change.after))
            continue
        found = blocks.find(decoded(change.after)) if change.kind == "block" and change.after is not None else None
        entries[change.path] = Entry(
            change.path, change.kind, digest(change.before), [digest(change.after)],
            block=found.block if found else None, joined=change.joined,
        )  # fmt: skip
    run = Run(_run_folder(backup, at), command, at.isoformat(timespec="seconds"), "begun", list(entries.values()))
    try:
        for number, entry in enumerate(run.entries, 1):
            if entry.before is not None:
                entry.copy = f"{number:04}-{Path(entry.path).name}"
                copy = run.folder / entry.copy
                # Times are copied, rights are not: Asterisk's files have passwords, and many are readable by everybody.
                private.make(copy)
                shutil.copyfile(entry.path, copy)
                os.utime(copy, ns=(os.stat(entry.path).st_atime_ns, os.stat(entry.path).st_mtime_ns))
                _synced(copy)
        run.folders = [str(folder) for folder in _missing_folders(changes)]
        run.store("begun")
    except BaseException:
        shutil.rmtree(run.folder, ignore_errors=True)
        raise
    return run


def _run_folder(backup: Path, at: datetime) -> Path:
    if not backup.is_dir():
        backup.mkdir(mode=0o700, parents=True)
    if not is_private(backup):
        raise SurveyError(f"{backup}: others than you can write there; name another folder with --backup")
    name = at.strftime("%Y%m%dT%H%M%SZ")
    for again in range(1000):
        folder = backup / (f"{name}-{again}" if again else name)
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
            return folder
    raise FileExistsError(17, "a thousand runs in a second", str(backup / name))


def _missing_folders(changes: Sequence[Change]) -> list[Path]:
    """The folders that must be created, outer ones first."""
    missing: dict[Path, None] = {}
    for change in changes:
        if change.after is not None:
            outwards = [folder for folder in Path(change.path).parents if not folder.is_dir()]
            missing |= dict.fromkeys(reversed(outwards))
    return list(missing)


def _apply(change: Change, run: Run) -> None:
    path = Path(change.path)
    if change.after is None:
        path.resolve().unlink()
        return
    for folder in map(Path, run.folders):
        if path.is_relative_to(folder) and not folder.is_dir():
            folder.mkdir()
            folder.chmod(0o755)
            _owned_alike(folder, folder.parent)
    write_atomically(path, change.after, mode=change.mode)


def write_atomically(path: Path, content: bytes, *, mode: int | None = None) -> None:
    """Replace a file as a whole, keeping its owner and mode. A link stays: its target is replaced.

    A new file gets the owner of its folder and `mode`; None: others may read it where the folder's group is root's.
    """
    target = path.resolve()
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".new")
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            if target.exists():
                # Mode and other rights (ACLs) are kept. Asterisk recognises a changed file by its time.
                shutil.copystat(target, beside)
                os.utime(beside)
                _owned_alike(beside, target)
            else:
                _owned_alike(beside, target.parent)
                group = target.parent.stat().st_gid
                os.fchmod(file.fileno(), mode if mode is not None else 0o640 if group else 0o644)
            os.fsync(file.fileno())
        os.replace(beside, target)
    except BaseException:
        with suppress(FileNotFoundError):
            beside.unlink()
        raise
    _synced(target.parent)


def _owned_alike(path: Path, other: Path) -> None:
    is_, wanted = path.stat(), other.stat()
    if (is_.st_uid, is_.st_gid) != (wanted.st_uid, wanted.st_gid):
        os.chown(path, wanted.st_uid, wanted.st_gid)


def _synced(path: Path) -> None:
    """Flush to disk: the contents of a file, or the names in a folder."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# --- taking back -----------------------------------------------------------------------------------


def put_back(run: Run) -> list[str]:
    """Undo a run, the last change first. Returns the files that could not be restored or were changed since."""
    left = []
    for entry in reversed(run.entries):
        _remove_unfinished(Path(entry.path))
        try:
            now = digest(contents(Path(entry.path)))
            if now == entry.before:
                continue
            if now not in entry.after:
                left.append(entry.path)
                continue
            if entry.copy is None:
                Path(entry.path).resolve().unlink()
            else:
                write_atomically(Path(entry.path), (run.folder / entry.copy).read_bytes())
        except (OSError, SurveyError):
            left.append(entry.path)
    _remove_folders(run.folders)
    with suppress(OSError):
        run.store("put back")
    return left


def _remove_unfinished(path: Path) -> None:
    """Remove the temporary file that a killed run left beside a file."""
    target = path.resolve()
    for beside in target.parent.glob(f".{glob.escape(target.name)}.*.new"):
        with suppress(OSError):
            beside.unlink()


def _remove_folders(folders: Sequence[str]) -> None:
    """Remove the empty ones of these folders."""
    for folder in reversed(folders):
        with suppress(OSError):
            os.rmdir(folder)


@dataclass(slots=True)
class Undoing:
    """What `uninstall` would do: the changes, and each file that stays, with the reason."""

    changes: list[Change] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)


def undoing(kept: Sequence[Run]) -> Undoing:
    """The changes that undo all runs, back to the state before the first one. Raises SurveyError."""
    whole = Undoing()
    by_path: dict[str, list[tuple[Run, Entry]]] = {}
    for run in (run for run in kept if run.state == "done"):
        whole.folders += [folder for folder in run.folders if folder not in whole.folders]
        for entry in run.entries:
            by_path.setdefault(entry.path, []).append((run, entry))
    for path, entries in by_path.items():
        now = contents(Path(path))
        if now is None and entries[-1][1].kind == "block":
            continue
        undo = _without_block if entries[-1][1].kind == "block" else _as_before
        change = undo(path, now, entries)
        if isinstance(change, str):
            whole.left.append(f"{path}: {change}")
        elif change is not None:
            whole.changes.append(change)
    return whole


def _as_before(path: str, now: bytes | None, entries: Sequence[tuple[Run, Entry]]) -> Change | str | None:
    (first_run, first), (_, last) = entries[0], entries[-1]
    if digest(now) == first.before or now is None:
        return None
    if digest(now) != last.after[-1]:
        return "was changed since, and stays"
    quiet = path.endswith((".wav", "/.installed"))
    if first.copy is None:
        return Change(path, now, None, "the prompts" if quiet else "was not there before", quiet=quiet)
    copy = contents(first_run.folder / first.copy)
    if copy is None or digest(copy) != first.before:
        return f"its backup {first_run.folder / first.copy} is damaged, so it stays"
    return Change(path, now, copy, "the prompts" if quiet else "as it was before", quiet=quiet)


def _without_block(path: str, now: bytes | None, entries: Sequence[tuple[Run, Entry]]) -> Change | str | None:
    text = decoded(now or b"")
    try:
        found = blocks.find(text)
    except BlockError as error:
        return f"{error}; stays"
    if found is None:
        return None
    if found.block != entries[-1][1].block:
        return "the lines between our marks were changed since, and stay"
    rest = encoded(blocks.without(text, joined=entries[0][1].joined))
    created = entries[0][1].before is None and not rest
    return Change(path, now, None if created else rest, "without our block", "block")


def uninstalled(kept: Sequence[Run]) -> Iterator[str]:
    """Mark all runs as undone, and remove the folders that they made. Yields those that are not empty."""
    for run in kept:
        if run.state == "done":
            run.store("uninstalled")
            _remove_folders(run.folders)
            yield from (folder for folder in run.folders if os.path.isdir(folder))
