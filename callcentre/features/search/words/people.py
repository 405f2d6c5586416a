"""The words of facts about agents, accounts and API keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from callcentre.web.fact_words import FactWords
from callcentre.web.words import message as _

_HOW: Final = {
    "link": _("By a link."),
    "mail": _("By mail."),
    "start": _("The daemon wrote a link to its log, since there was no account."),
    "command": _("By a command on the machine."),
    "invitation": _("By an invitation."),
    "oidc": _("By single sign-on."),
    "password": _("By the password."),
    "user": _("The person did it."),
    "other": _("It was done from another session of the account."),
}

PEOPLE: Final[Sequence[FactWords]] = (
    FactWords(event="agent.paused", says=(_("%(agent)s was paused in the queue %(queue)s."),)),
    FactWords(event="agent.resumed", says=(_("The pause of %(agent)s in the queue %(queue)s ended."),)),
    FactWords(event="agent.logged_on", says=(_("%(agent)s was logged on to the queue %(queue)s."),)),
    FactWords(event="agent.logged_off", says=(_("%(agent)s was logged off from the queue %(queue)s."),)),
    FactWords(
        event="agent.action_failed",
        says=(_("What was to be done with %(agent)s in the queue %(queue)s was not done: %(action)s."),),
        reasons={
            "not_member": _("The agent is not logged on to this queue."),
            "already": _("The agent is logged on already."),
            "static": _("The file queues.conf lists this agent."),
            "unknown_queue": _("No service has this queue."),
            "unknown_agent": _("Asterisk has no such agent."),
            "dialplan": _("The dialplan of Asterisk is of an earlier version."),
            "asterisk": _("Asterisk did not do it."),
            "unclear": _("Asterisk did not answer."),
        },
        state="warning",
    ),
    FactWords(
        event="user.invited",
        says=(
            _("Somebody was invited to make the account %(account)s."),
            _("Somebody was invited to make an account."),
        ),
        by=_HOW,
    ),
    FactWords(event="user.uninvited", says=(_("An invitation was withdrawn."),)),
    FactWords(event="user.added", says=(_("There is a new account: %(account)s."),), by=_HOW),
    FactWords(
        event="user.changed",
        says=(_("The account %(account)s was changed."),),
        also=(_("What was changed: %(what)s."),),
    ),
    FactWords(event="user.disabled", says=(_("The account %(account)s was disabled."),)),
    FactWords(event="user.enabled", says=(_("The account %(account)s may be used again."),)),
    FactWords(event="user.logged_in", says=(_("%(account)s logged in."),), by=_HOW),
    FactWords(event="user.logged_out", says=(_("%(account)s logged out."),), by=_HOW),
    FactWords(
        event="user.refused",
        says=(_("A log-in of %(account)s was refused."), _("A log-in was refused.")),
        reasons={
            "wrong": _("The name or the password was wrong."),
            "code": _("The code of the second factor was wrong."),
            "code_used": _("The code of the second factor had been used before."),
            "disabled": _("The account is disabled."),
            "ambiguous": _("Accounts of several organisations have this name and password."),
            "no_role": _("Single sign-on gave the person no role."),
            "other_account": _("The name belongs to another account."),
        },
        state="warning",
    ),
    FactWords(
        event="user.locked",
        says=(
            _("After many wrong passwords no password counts for %(account)s from this address for a while."),
            _("After many wrong passwords no password counts from this address for a while."),
        ),
        state="critical",
    ),
    FactWords(event="key.added", says=(_("There is a new API key: %(key)s."),)),
    FactWords(event="key.revoked", says=(_("The API key %(key)s counts no more."),)),
)
