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
After=network-online.target asterisk.service postgresql.service
# A database that cannot be reached for a while must not end the attempts.
StartLimitIntervalSec=0

[Service]
Type=notify
User={user}
EnvironmentFile=-{secrets.replace("%", "%%")}
ExecStart={command}
ExecReload=/bin/kill -HUP $MAINPID
Restart=always
RestartSec=2
RestartPreventExitStatus=2
# The upgrade of a large database is part of the start.
TimeoutStartSec=15min
WatchdogSec=30
UMask=0077
StateDirectory=callcentre
StateDirectoryMode=0700
LogsDirectory=callcentre
LogsDirectoryMode=0750

CapabilityBoundingSet=
LockPersonality=yes
MemoryDenyWriteExecute=yes
NoNewPrivileges=yes
PrivateDevices=yes
PrivateTmp=yes
ProcSubset=pid
ProtectClock=yes
ProtectControlGroups=yes
ProtectHome=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
ProtectSystem=strict
RemoveIPC=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallErrorNumber=EPERM
SystemCallFilter=@system-service
SystemCallFilter=~@privileged

[Install]
WantedBy=multi-user.target
"""


def _quoted(word: str) -> str:
    """A word of ExecStart, quoted because systemd would interpret `%`, `$`, quotes and blanks."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"' if any(mark in word for mark in " \t'\"\\;") else escaped
