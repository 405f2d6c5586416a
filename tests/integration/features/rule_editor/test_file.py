"""Replacing the configuration file: whole or not at all, with its owner and rights, and never over a newer one."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from callcentre.features.rule_editor.outside.file import CannotWrite, Changed, place_of, replace
from tests.testbed.process import python_environment

BEFORE, AFTER = "region: FI\n", "region: SE # ä\n"
NOBODY: Final = 65534
AS_ROOT: Final = os.geteuid() == 0


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(BEFORE, encoding="utf-8")
    path.chmod(0o640)
    return path


def beside(file: Path) -> list[str]:
    """What else is in the folder."""
    return [each.name for each in file.parent.iterdir() if each != file]


def test_the_file_is_replaced_and_keeps_its_rights(file: Path) -> None:
    inode = file.stat().st_ino
    replace(file, BEFORE, AFTER)
    assert file.read_text(encoding="utf-8") == AFTER
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert file.stat().st_ino != inode
    assert beside(file) == []


@pytest.mark.skipif(not AS_ROOT, reason="only root may give a file away")
def test_the_file_keeps_its_owner_and_group(file: Path) -> None:
    os.chown(file, 1234, 2345)
    replace(file, BEFORE, AFTER)
    assert (file.stat().st_uid, file.stat().st_gid) == (1234, 2345)


def test_a_link_stays_a_link(file: Path, tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    link = tmp_path / "etc" / "config.yaml"
    link.symlink_to("../config.yaml")
    replace(link, BEFORE, AFTER)
    assert link.is_symlink()
    assert file.read_text(encoding="utf-8") == AFTER
    assert [each.name for each in link.parent.iterdir()] == ["config.yaml"]


def test_a_byte_order_mark_stays(file: Path) -> None:
    file.write_text(BEFORE, encoding="utf-8-sig")
    replace(file, BEFORE, AFTER)
    assert file.read_bytes() == AFTER.encode("utf-8-sig")


def test_a_file_that_was_changed_meanwhile_is_left_alone(file: Path) -> None:
    file.write_text("region: NO\n", encoding="utf-8")
    with pytest.raises(Changed):
        replace(file, BEFORE, AFTER)
    assert file.read_text(encoding="utf-8") == "region: NO\n"
    assert beside(file) == []


def test_what_an_editor_saves_at_the_last_moment_stays(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced = os.fsync

    def saved_by_an_editor(handle: int) -> None:
        synced(handle)
        file.write_text("region: NO\n", encoding="utf-8")

    monkeypatch.setattr(os, "fsync", saved_by_an_editor)
    with pytest.raises(Changed):
        replace(file, BEFORE, AFTER)
    assert file.read_text(encoding="utf-8") == "region: NO\n"


KILLED = """
import os, signal, sys
from pathlib import Path
from callcentre.features.rule_editor.outside import file
setattr(os, sys.argv[2], lambda *_: os.kill(os.getpid(), signal.SIGKILL))
file.replace(Path(sys.argv[1]), {before!r}, {after!r})
"""


@pytest.mark.parametrize("call", ["fchmod", "fsync", "replace"])
def test_killed_before_the_new_file_takes_its_place_the_old_one_is_whole(file: Path, call: str) -> None:
    code = KILLED.format(before=BEFORE, after=AFTER)
    done = subprocess.run(
        [sys.executable, "-c", code, str(file), call], env=python_environment(), check=False
    )  # fmt: skip
    assert done.returncode == -9
    assert file.read_text(encoding="utf-8") == BEFORE
    assert len(beside(file)) == 1
    replace(file, BEFORE, AFTER)
    assert file.read_text(encoding="utf-8") == AFTER
    assert beside(file) == []


def test_the_new_file_is_on_the_disk_before_it_takes_the_place(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    synced, replaced = os.fsync, os.replace

    def fsync(handle: int) -> None:
        synced(handle)
        done.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file")

    def rename(new: Path, old: Path) -> None:
        replaced(new, old)
        done.append("rename")

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", rename)
    replace(file, BEFORE, AFTER)
    assert done == ["file", "rename", "folder"]


# --- where it cannot be replaced -----------------------------------------------------------------

ASKED = """
import os, sys
from pathlib import Path
from callcentre.features.rule_editor.outside import file
"".encode("utf-8-sig")  # Afterwards Python's own files may be out of reach.
os.setgroups([])
os.setgid({nobody})
os.setuid({nobody})
try:
    file.replace(Path(sys.argv[1]), {before!r}, {after!r})
except file.CannotWrite as error:
    print(error.why)
"""


def as_nobody(file: Path) -> str:
    """Why the user nobody cannot replace a file; "" when it did."""
    code = ASKED.format(before=BEFORE, after=AFTER, nobody=NOBODY)
    done = subprocess.run(
        [sys.executable, "-c", code, str(file)], env=python_environment(), check=True, stdout=subprocess.PIPE
    )
    return done.stdout.decode().strip()


@pytest.fixture
def of_nobody(file: Path) -> Path:
    """The file in a folder, both of nobody, which nobody can reach."""
    if not AS_ROOT:
        pytest.skip("only root may become another user")
    for folder in file.parents:
        if folder.stat().st_mode & 0o005 != 0o005:
            folder.chmod(folder.stat().st_mode | 0o005)
    for path in (file, file.parent):
        os.chown(path, NOBODY, NOBODY)
    return file


def test_its_owner_may_replace_it(of_nobody: Path) -> None:
    assert as_nobody(of_nobody) == ""
    assert of_nobody.read_text(encoding="utf-8") == AFTER


def test_of_another_owner_it_is_not_replaced(of_nobody: Path) -> None:
    os.chown(of_nobody, 0, NOBODY)
    of_nobody.chmod(0o664)
    assert as_nobody(of_nobody) == "owner"
    assert of_nobody.read_text(encoding="utf-8") == BEFORE


def test_a_file_that_its_owner_made_read_only_is_not_replaced(of_nobody: Path) -> None:
    of_nobody.chmod(0o444)
    assert as_nobody(of_nobody) == "owner"


def test_of_a_strange_group_it_is_not_replaced(of_nobody: Path) -> None:
    os.chown(of_nobody, NOBODY, 0)
    assert as_nobody(of_nobody) == "group"


def test_in_a_folder_of_another_it_is_not_replaced(of_nobody: Path) -> None:
    os.chown(of_nobody.parent, 0, 0)
    assert as_nobody(of_nobody) == "folder"
    assert of_nobody.read_text(encoding="utf-8") == BEFORE


@pytest.mark.parametrize(
    ("number", "why"), [(30, "read_only"), (16, "mounted"), (28, "full"), (122, "full"), (1, "owner"), (5, "other")]
)
def test_what_the_system_refuses_is_said(file: Path, monkeypatch: pytest.MonkeyPatch, number: int, why: str) -> None:
    def refused(_new: Path, _old: Path) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "replace", refused)
    with pytest.raises(CannotWrite) as raised:
        replace(file, BEFORE, AFTER)
    assert raised.value.why == why
    assert file.read_text(encoding="utf-8") == BEFORE
    assert beside(file) == []


def test_what_is_no_file_or_gone_is_said(tmp_path: Path) -> None:
    for path, why in ((tmp_path, "not_ordinary"), (tmp_path / "none", "gone")):
        with pytest.raises(CannotWrite) as raised:
            place_of(path)
        assert raised.value.why == why
