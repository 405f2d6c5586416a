"""A machine with Asterisk's folders, on which `callcentre install`, `uninstall` and `dialplan` are run."""

from __future__ import annotations

import stat
from pathlib import Path

from click.testing import CliRunner, Result

from callcentre.cli.main import main
from tests.testbed.configuration import write_configuration

PLAIN = {
    "asterisk.conf": "[directories]\nastdatadir => {data}\n",
    "extensions.conf": "[general]\nstatic=yes\n[from-trunk]\nexten => 1,1,NoOp()",
    "queues.conf": "[general]\n[support]\ncontext=ivr-1\r\n; \xff\n",
}


class Machine:
    """A machine with Asterisk's folders, on which the command is run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.etc = folder / "etc"
        self.sounds = folder / "data" / "sounds"
        self.units = folder / "units"
        self.backup = folder / "backup"
        for path in (self.etc, self.sounds, self.units):
            path.mkdir(parents=True)
        self.config = write_configuration(folder / "config.yaml", ari_url="http://127.0.0.1:9/ari", http_port=1)
        self.program = folder / "asterisk"
        self.program.write_text(f'#!/bin/sh\n[ "$1" = -V ] && echo Asterisk 22.1 || echo "$@" >> {folder}/asked\n')
        self.program.chmod(0o755)

    def has(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            (self.etc / name).write_bytes(text.replace("{data}", str(self.folder / "data")).encode("latin-1"))

    def install(self, *arguments: str, pbx: str = "asterisk", prompts: bool = False, units: bool = True) -> Result:
        """Without the 500 prompts, each of which is brought to the disk, unless a test is about them.

        Without `units` the folder of units is the usual one.
        """
        return CliRunner().invoke(main, [
            "install", pbx, "-c", str(self.config), "--etc", str(self.etc),
            *(["--unit-folder", str(self.units)] if units else []),
            "--backup", str(self.backup), "--asterisk-program", str(self.program), "--no-doctor",
            "--secrets", str(self.folder / "secrets"), *([] if prompts else ["--no-sounds"]), *arguments,
        ])  # fmt: skip

    def uninstall(self, *arguments: str) -> Result:
        return CliRunner().invoke(
            main, ["uninstall", "--backup", str(self.backup), "--asterisk-program", str(self.program), *arguments]
        )

    @property
    def asked(self) -> list[str]:
        """What Asterisk's command line was asked."""
        file = self.folder / "asked"
        return [line.partition("-rx ")[2] for line in file.read_text().splitlines()] if file.exists() else []

    def files(self) -> dict[str, tuple[bytes, int]]:
        """Everything that the command may write, with its rights; folders too."""
        found = {}
        for top in (self.etc, self.sounds, self.units):
            for path in sorted(top.rglob("*")):
                content = path.read_bytes() if path.is_file() else b""
                found[str(path)] = (content, stat.S_IMODE(path.stat().st_mode))
        return found
