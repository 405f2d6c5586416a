"""The systemd unit of the daemon."""

from __future__ import annotations

from collections.abc import Sequence

NAME = "callcentre.service"
USER = "callcentre"
SECRETS = "/etc/callcentre/secrets"


def unit_text(program: Sequence[str], configuration: str, *, user: str = USER, secrets: str = SECRETS) -> str:
    """The unit that runs `program` with a configuration file, both named by absolute paths."""
    command = " ".join(_quoted(word) for word in (*program, "run", "-c", configuration))
    return f"""[Unit]
Description=callcentre
Wants=network-online.target
After=network-online.target asterisk.service

[Service]
User={user}
EnvironmentFile=-{secrets.replace("%", "%%")}
ExecStart={command}
ExecReload=/bin/kill -HUP $MAINPID
Restart=always
RestartSec=2
RestartPreventExitStatus=2
UMask=0077
StateDirectory=callcentre
StateDirectoryMode=0700
NoNewPrivileges=yes
PrivateTmp=yes
ProtectHome=yes
ProtectSystem=strict

[Install]
WantedBy=multi-user.target
"""


def _quoted(word: str) -> str:
    """A word of ExecStart, quoted because systemd would interpret `%`, `$`, quotes and blanks."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"' if any(mark in word for mark in " \t'\"\\;") else escaped
