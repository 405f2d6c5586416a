"""The commands that install callcentre into a PBX and uninstall it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from callcentre.cli.installing.unit import NAME, SECRETS, USER
from callcentre.terminal import CONFIG, WRONG, Command, Group, configuration, fail, say, waits

if TYPE_CHECKING:
    from callcentre.cli.installing.carrying_out import Run
    from callcentre.cli.installing.plan import Plan
    from callcentre.config.read import Configuration
    from callcentre.telephony.dialplan import Pbx

F = TypeVar("F", bound=Callable[..., Any])

BACKUP = Path("/var/backups/callcentre")
"""Only root may write there. Everything below /var/lib/callcentre belongs to the daemon's user (systemd)."""

_FOLDER = click.Path(path_type=Path, file_okay=False)
_ETC = click.option("--etc", type=_FOLDER, help="Asterisk's configuration. [default: /etc/asterisk]")
_BACKUP = click.option(
    "--backup", type=_FOLDER, default=BACKUP, show_default=True, help="Where copies of replaced files are kept."
)
_DRY_RUN = click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
_YES = click.option("--yes", is_flag=True, help="Do not ask.")
_PROGRAM = click.option(
    "--asterisk-program", "program", type=click.Path(path_type=Path), help="Asterisk's program. [default: that of PATH]"
)

_INSTALL_OPTIONS = (
    CONFIG,
    click.option("--asterisk", "version", help="Asterisk's version, such as 22; left out: asks its program, or ARI."),
    _ETC,
    click.option("--sounds", type=_FOLDER, help="Asterisk's sounds. [default: as asterisk.conf says]"),
    click.option("--no-sounds", is_flag=True, help="Leave the prompts out."),
    click.option("--unit-folder", type=_FOLDER, help="Where the systemd unit goes. [default: /etc/systemd/system]"),
    click.option("--no-unit", is_flag=True, help="Leave the systemd unit out."),
    click.option("--user", default=USER, show_default=True, help="The user that the daemon runs as."),
    click.option(
        "--secrets", type=click.Path(path_type=Path, dir_okay=False), default=Path(SECRETS), show_default=True,
        help="Environment variables of the daemon; the configuration is read with them.",
    ),
    click.option("--ari-user", is_flag=True, help="Write ARI's user too, where there is none."),
    _PROGRAM,
    _BACKUP,
    click.option("--no-doctor", is_flag=True, help="Do not run `callcentre doctor` afterwards."),
    _DRY_RUN,
    _YES,
)  # fmt: skip


def _options(command: F) -> F:
    for option in reversed(_INSTALL_OPTIONS):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class _Asked:
    """The options of `install`."""

    path: Path
    version: str | None
    etc: Path | None
    sounds: Path | None
    no_sounds: bool
    unit_folder: Path | None
    no_unit: bool
    user: str
    secrets: Path
    ari_user: bool
    program: Path | None
    backup: Path
    no_doctor: bool
    dry_run: bool
    yes: bool


@click.group(cls=Group, epilog="Example:\n  callcentre install freepbx -c /etc/callcentre/config.yaml --dry-run")
def install() -> None:
    """Put dialplan, queue options, prompts and the systemd unit into the PBX of this machine.

    Shows what it would write, asks, and writes all of it or nothing, with a backup. `uninstall` takes it back.
    """


@install.command("asterisk", cls=Command, epilog="Example:\n  callcentre install asterisk --dry-run")
@_options
@click.pass_context
def install_asterisk(ctx: click.Context, /, **asked: Any) -> None:
    """Into an Asterisk whose files are written by hand: callcentre.conf and callcentre-queues.conf, and an #include
    of each in extensions.conf and queues.conf.
    """
    _install(ctx, "plain", _Asked(**asked))


@install.command("freepbx", cls=Command, epilog="Example:\n  callcentre install freepbx --dry-run")
@_options
@click.pass_context
def install_freepbx(ctx: click.Context, /, **asked: Any) -> None:
    """Into FreePBX: callcentre.conf, and marked lines in extensions_custom.conf and queues_post_custom.conf.

    Files that FreePBX generates are never touched.
    """
    _install(ctx, "freepbx", _Asked(**asked))


def _install(ctx: click.Context, pbx: Pbx, asked: _Asked) -> None:
    from callcentre.cli.installing import carrying_out, survey

    command = f"install {'asterisk' if pbx == 'plain' else pbx}"
    _take_secrets(asked.secrets, named=ctx.get_parameter_source("secrets") is click.core.ParameterSource.COMMANDLINE)
    configured = configuration(asked.path)
    try:
        asterisk = survey.program(asked.program)
        major = _major(asked.version, asterisk, configured)
        _put_interrupted_back(asked.backup, dry_run=asked.dry_run, yes=asked.yes)
        folders = survey.folders(asked.etc, asked.sounds)
        plan = _plan(pbx, asked, configured, major, folders)
    except survey.SurveyError as error:
        raise fail(str(error)) from error
    if plan.problems:
        raise fail("\n".join([*plan.problems, "Nothing was written."]))
    _show(plan)
    if not plan.changes:
        say("Everything is as it should be already: nothing to write.")
        return
    if not _agreed("Write this?", dry_run=asked.dry_run, yes=asked.yes):
        return
    try:
        run = carrying_out.carry_out(plan.changes, asked.backup, command, datetime.now(UTC))  # noqa: TID251 - a command reads the clock
    except carrying_out.WriteError as error:
        raise fail(str(error)) from error
    say(f"Written. What was replaced is in {run.folder}; `callcentre uninstall` takes it all back.")
    failed = _run(plan.commands, asterisk, folders.etc)
    _say_what_is_left(pbx, configured, plan)
    if not asked.no_doctor:
        _doctor(ctx, asked.path)
    if failed:
        raise fail(f"The files are written, but this must be done by hand: {'; '.join(failed)}")


def _plan(pbx: Pbx, asked: _Asked, configured: Configuration, major: int, folders: Any) -> Plan:
    from callcentre.cli.installing import carrying_out, survey
    from callcentre.cli.installing import plan as planning
    from callcentre.cli.installing.unit import unit_text
    from callcentre.telephony import sounds

    ours = carrying_out.ours(carrying_out.runs(asked.backup))
    disk = survey.Disk(folders.etc)
    plans = []
    # A folder that is not an Asterisk configuration is reported before anything about its sounds.
    refused = planning.is_refused(pbx, str(folders.etc), disk)
    if refused is None and not asked.no_sounds:
        if folders.sounds is None:
            raise survey.SurveyError(
                "Asterisk's sounds are not found; name their folder with --sounds, or leave them out with --no-sounds"
            )
        try:
            placings, report = sounds.plan(folders.sounds)
        except sounds.SoundsError as error:
            raise survey.SurveyError(str(error)) from error
        files = [(str(one.path), survey.contents(one.path), one.content) for one in placings]
        plans.append(planning.plan_prompts(files, len(report.kept)))
    plans.append(
        planning.plan_configuration(
            configured.settings, major, pbx, str(folders.etc), disk, ours=ours, ari_user=asked.ari_user
        )
    )
    packaged = None if asked.unit_folder is not None else survey.unit_of_package(NAME)
    if not asked.no_unit and packaged is not None:
        plans.append(planning.Plan(notes=[f"{packaged} is the unit of the package, so none is written"]))
    elif not asked.no_unit and (asked.unit_folder is not None or survey.has_systemd()):
        path = (asked.unit_folder or survey.USUAL_UNITS).absolute() / NAME
        text = unit_text(
            survey.own_program(), str(asked.path.absolute()), user=asked.user, secrets=str(asked.secrets.absolute())
        )
        plan = planning.plan_unit(str(path), survey.contents(path), text, ours)
        if plan.changes and not survey.has_user(asked.user):
            plan.notes.append(
                f"there is no user {asked.user}: "
                f"useradd --system --home-dir /var/lib/callcentre --create-home {asked.user}"
            )
        plans.append(plan)
    whole = planning.together(plans)
    if not survey.has_systemd():
        whole.commands = [command for command in whole.commands if command[0] != "systemctl"]
    return whole


def _take_secrets(file: Path, *, named: bool) -> None:
    """Load the daemon's environment variables, which the configuration may need here too."""
    from callcentre.cli.installing import survey

    try:
        found = survey.secrets(file)
    except survey.SurveyError as error:
        if named:
            raise fail(str(error)) from error
        return
    for name, value in found.items():
        os.environ.setdefault(name, value)


def _major(version: str | None, asterisk: str | None, configured: Configuration) -> int:
    from callcentre.cli.dialplan import major_of, version_of_asterisk
    from callcentre.cli.installing import survey

    if version is None and asterisk is not None:
        version = survey.version(asterisk) or None
    if version is None:
        version = waits(version_of_asterisk)(configured.settings)
    return major_of(version)


def _show(plan: Plan) -> None:
    from callcentre.cli.installing.show import shown

    for line in shown(plan):
        say(line)


def _agreed(question: str, *, dry_run: bool, yes: bool) -> bool:
    """Whether the administrator agrees; prints a line when not."""
    if dry_run:
        say("Nothing was written: this was --dry-run.")
        return False
    if yes:
        return True
    if not sys.stdin.isatty():
        raise fail("Nothing was written: there is no terminal to ask at; run it with --yes", WRONG)
    if not click.confirm(question):
        raise fail("Nothing was written.")
    return True


def _put_interrupted_back(backup: Path, *, dry_run: bool, yes: bool) -> None:
    """Put back what an interrupted run had written: it left some files written and others not."""
    from callcentre.cli.installing import carrying_out

    for run in reversed(carrying_out.interrupted(carrying_out.runs(backup))):
        say(f"`callcentre {run.command}` of {run.at} was cut off; what it had written is put back first.")
        if not _agreed("Put it back?", dry_run=dry_run, yes=yes):
            return
        left = carrying_out.put_back(run)
        for path in left:
            say(f"left: {path}: was changed since; its copy is in {run.folder}")


def _run(commands: Sequence[tuple[str, ...]], asterisk: str | None, etc: Path) -> list[str]:
    """Run the commands that apply the new files. Returns those that failed and must be run by hand."""
    from callcentre.cli.installing import survey

    failed = []
    for name, *arguments in commands:
        if name == "asterisk":
            command = f'asterisk -rx "{arguments[0]}"'
            said = (
                "no program `asterisk` on this machine"
                if asterisk is None
                else survey.run(survey.remote(asterisk, etc, arguments))
            )
        else:
            command, said = " ".join((name, *arguments)), survey.run([name, *arguments])
        say(f"{command}: {'done' if said is None else said}")
        if said is not None:
            failed.append(command)
    return failed


def _say_what_is_left(pbx: Pbx, configured: Configuration, plan: Plan) -> None:
    from callcentre.cli.installing import survey

    services = list(configured.settings.services)
    if pbx == "freepbx":
        say(
            "Now make a Custom Destination for each service and lead calls there: "
            + " · ".join(f"callcentre-queue,{name},1" for name in services)
        )
    else:
        say(
            "Now lead calls there in your dialplan: "
            + " · ".join(f"Goto(callcentre-queue,{name},1)" for name in services)
        )
    for change in plan.changes:
        if Path(change.path).name == NAME:
            todo = "enable --now" if change.before is None else "restart"
            say(f"And start the daemon: systemctl {todo} {NAME}")
    if survey.unit_of_package(NAME) is not None:
        say(f"And start the daemon, where it does not run yet: systemctl enable --now {NAME}")


def _doctor(ctx: click.Context, path: Path) -> None:
    """Run the doctor. Its findings do not undo the installation."""
    root = ctx.find_root()
    command = root.command.get_command(root, "doctor") if isinstance(root.command, click.Group) else None
    assert command is not None  # noqa: S101 - it is a command of the same program
    say("\ncallcentre doctor:")
    try:
        ctx.invoke(command, path=path)
    except click.exceptions.Exit:
        say("The doctor has found what is to be done yet: see above.")


@click.command(cls=Command, epilog="Example:\n  callcentre uninstall --dry-run")
@CONFIG
@_ETC
@_PROGRAM
@_BACKUP
@_DRY_RUN
@_YES
def uninstall(path: Path, etc: Path | None, program: Path | None, backup: Path, dry_run: bool, yes: bool) -> None:  # noqa: ARG001 - every command takes -c
    """Take back what `callcentre install` wrote: files are as before it, or gone.

    A file that was changed by hand since stays and is named. Configuration and database stay too.
    """
    from callcentre.cli.installing import carrying_out, survey

    try:
        _put_interrupted_back(backup, dry_run=dry_run, yes=yes)
        kept = carrying_out.runs(backup)
        undoing = carrying_out.undoing(kept)
        plan, folder = _undoing_plan(kept, undoing, etc)
    except survey.SurveyError as error:
        raise fail(str(error)) from error
    _show(plan)
    for left in undoing.left:
        say(f"left: {left}")
    if not plan.changes:
        say(f"There is nothing to take back: {backup} knows of no file that is as `install` left it.")
        return
    if not _agreed("Do this?", dry_run=dry_run, yes=yes):
        return
    commands = [command for command in plan.commands if command != _STOP]
    if _STOP in plan.commands:
        _run([_STOP], None, folder)
    try:
        run = carrying_out.carry_out(plan.changes, backup, "uninstall", datetime.now(UTC), may_empty=True)  # noqa: TID251 - a command reads the clock
    except carrying_out.WriteError as error:
        raise fail(str(error)) from error
    for full in carrying_out.uninstalled([*kept, run]):
        say(f"left: {full}: there is something else in it")
    say(f"Taken back. Copies of what was there are in {run.folder}.")
    failed = _run(commands, survey.program(program), folder)
    if failed:
        raise fail(f"The files are as before, but this must be done by hand: {'; '.join(failed)}")


_STOP = ("systemctl", "disable", "--now", NAME)


def _undoing_plan(kept: Sequence[Run], undoing: Any, etc: Path | None) -> tuple[Plan, Path]:
    from callcentre.cli.installing import plan as planning
    from callcentre.cli.installing import survey

    paths = [Path(change.path) for change in undoing.changes]
    installed = (Path(entry.path) for run in kept for entry in run.entries)
    ours = (file.parent for file in installed if file.name == planning.EXTENSIONS_FILE)
    folder = etc or next(ours, survey.USUAL_ETC)
    plan = planning.Plan(list(undoing.changes))
    if any(file.name == planning.EXTENSIONS_FILE for file in paths):
        for place in planning.references(survey.Disk(folder), str(folder)):
            plan.notes.append(f"{place}: leads nowhere then; change it first")
    if any(file.name == NAME for file in paths) and survey.has_systemd():
        plan.commands += [_STOP, ("systemctl", "daemon-reload")]
    if any(file.parent == folder for file in paths):
        plan.commands += [("asterisk", "dialplan reload"), ("asterisk", "queue reload all")]
    if any(change.quiet for change in undoing.changes):
        plan.commands.append(("asterisk", "module reload sounds"))
    if any(file.name.startswith("ari") for file in paths):
        plan.commands.append(("asterisk", "module reload res_ari.so"))
    return plan, folder
