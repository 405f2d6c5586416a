"""The command by which the daemon starts its figure process. No person calls it."""

from __future__ import annotations

import os
from pathlib import Path

import click

from callcentre.terminal import CONFIG, LOW_PRIORITY, Command, declared


@click.command("figure-process", cls=Command, hidden=True)
@CONFIG
def figure_process(path: Path) -> None:  # noqa: ARG001 - every command takes -c
    """Answer the daemon's questions for figures on standard input."""
    from callcentre.features.figures.outside.computing import serve
    from callcentre.statistics.parts import LedgerShape

    os.nice(LOW_PRIORITY)
    serve(LedgerShape(declared().parts("statistics", "LEDGER_PARTS")))


COMMANDS = (figure_process,)
