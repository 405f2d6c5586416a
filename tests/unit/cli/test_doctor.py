"""What doctor concludes from what it was told: a line for each fault, and one for each thing that is none."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from callcentre.cli.doctor import access, dialplan, files, members, outgoing, rights, stop_words, trust
from callcentre.cli.doctor.dialplan import Part, Printed
from callcentre.cli.doctor.files import Files
from callcentre.cli.doctor.finding import Finding
from callcentre.cli.doctor.members import Agents, Member
from callcentre.cli.doctor.outgoing import Way
from callcentre.cli.doctor.targets import Device, Extension, is_safe, target_of
from callcentre.cli.installing.syntax import read
from callcentre.configuration import read as read_file
from callcentre.telephony.dialplan import queues as printed_queues
from tests.testbed.configuration import write_configuration
from tests.unit.rehearsal import settings

OWN_CA = Path(__file__).parents[2] / "integration" / "localhost.pem"


def faults(findings: list[Finding]) -> list[str]:
    return [f"{finding.what}: {finding.fix}" for finding in findings if not finding.well]


# --- the gateway's own words ---------------------------------------------------------------------

TWILIO = {
    "gateway": "twilio",
    "twilio": {
        "account_sid": "AC0123456789abcdef0123456789abcdef", "auth_token": "t",
        "report_url": "https://calls.example.fi/hooks/twilio/dlr",
    },
}  # fmt: skip


def test_only_twilio_has_words_of_its_own() -> None:
    assert stop_words.judged(settings()) == []
    (finding,) = stop_words.judged(settings({"sms": TWILIO}))
    assert finding.well
    assert "STOP, STOPALL, UNSUBSCRIBE, CANCEL, END, QUIT, OPTOUT, REVOKE" in (finding.note or "")
    assert "cancel_words" not in (finding.note or "")


def test_a_cancel_word_that_is_one_of_twilios_is_named() -> None:
    changes = {"sms": TWILIO, "services": {"support": {"notify": {"cancel_words": ["ei", "Cancel"]}}}}
    (finding,) = stop_words.judged(settings(changes))
    assert "services.support.notify.cancel_words has Cancel: who cancels" in (finding.note or "")


# --- what interfaces lead to ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("interface", "target"),
    [
        ("Local/1001@from-queue/n", Extension("from-queue", "1001", stays=True)),
        ("Local/1001@agents", Extension("agents", "1001", stays=False)),
        ("local/1001@agents/nj", Extension("agents", "1001", stays=True)),
        ("Local/1001@agents/j", Extension("agents", "1001", stays=False)),
        ("Local/0401112299#@from-queue/n", Extension("from-queue", "0401112299#", stays=True)),
        ("Local/1001", Extension("default", "1001", stays=False)),
        ("PJSIP/1001", Device("PJSIP", "1001")),
        ("pjsip/1001", Device("PJSIP", "1001")),
        ("PJSIP/+358401112222@trunk", Device("PJSIP", "trunk")),
        ("PJSIP/trunk/sip:+358401112222@example.fi", Device("PJSIP", "trunk")),
        ("PJSIP/{number}@trunk", Device("PJSIP", "trunk")),
        ("DAHDI/g1/0401112222", Device("DAHDI", "g1/0401112222")),
        ("Agent:1001", Device("Agent:1001", "")),
    ],
)
def test_an_interface_leads_where_asterisk_takes_it(interface: str, target: Extension | Device) -> None:
    assert target_of(interface) == target


@pytest.mark.parametrize("interface", ["", "PJSIP/a)b", "PJSIP/${SHELL(id)}", "Local/1@a,b", "PJSIP/a b", "PJSIP/ä"])
def test_an_interface_that_could_be_more_than_a_name_is_asked_for_nothing(interface: str) -> None:
    assert not is_safe(interface)


# --- agents --------------------------------------------------------------------------------------


def agents(*several: Member, reachable: int | None = None, enters: str | None = None) -> Agents:
    count = len(several)
    return Agents(
        queue="support", members=several, count=count, reachable=count if reachable is None else reachable, ready=0,
        enters=enters,
    )  # fmt: skip


GUARDED = "Local/1001@from-queue/n"
ENTRY = "ext-queues,support,1"


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (agents(), []),
        (agents(Member(interface="PJSIP/1001")), []),
        (agents(Member(interface="PJSIP/1001", state="UNAVAILABLE"), reachable=0), []),
        (agents(Member(interface="PJSIP/1001", state="INVALID", exists=False)), ["agent PJSIP/1001"]),
        (agents(Member(interface="Local/1@a/n", exists=False)), ["agent Local/1@a/n"]),
        (agents(Member(interface="Local/1@a")), []),
        (agents(Member(interface="Foo/1", exists=False)), ["agent Foo/1"]),
        # Without a state of its own such an agent is never rung; with one it is reachable, whatever its device says.
        (agents(Member(interface="PJSIP/1@trunk", state="INVALID"), reachable=0), ["agent PJSIP/1@trunk"]),
        (agents(Member(interface="PJSIP/1@trunk", state="INVALID")), []),
        # FreePBX hangs up on whom our own Queue() sends there.
        (agents(Member(interface=GUARDED)), ["agents"]),
        (agents(Member(interface=GUARDED), enters=ENTRY), []),
        (agents(Member(interface=GUARDED), Member(interface="Local/1002@from-queue/n")), ["agents"]),
        (agents(Member(interface=GUARDED, exists=False)), [f"agent {GUARDED}"]),
        (agents(Member(interface=GUARDED, lacks="1001@ext-local"), reachable=0, enters=ENTRY), [f"agent {GUARDED}"]),
        (agents(Member(interface=GUARDED, lacks="1001@ext-local"), enters=ENTRY), []),
        (agents(Member(interface=GUARDED), reachable=0, enters=ENTRY), []),
        (agents(Member(interface="PJSIP/${EVIL}")), []),
    ],
)
def test_each_agent_who_cannot_ring_is_a_fault_of_its_own(known: Agents, expected: list[str]) -> None:
    assert [fault.partition(" of queue support")[0] for fault in faults(members.judged(known))] == expected


@pytest.mark.parametrize("interface", ["Local/0912345678@from-internal/n", "PJSIP/+358912345678@trunk"])
def test_an_agent_that_is_one_of_our_own_numbers_is_a_fault(interface: str) -> None:
    known = agents(Member(interface=interface), Member(interface="PJSIP/+358912345679@trunk"))
    (fault,) = faults(members.judged(known, frozenset({"+358912345678"}), "FI"))
    assert fault.startswith(f"agent {interface} of queue support: rings our own number +358912345678")


@pytest.mark.parametrize(
    ("known", "note"),
    [
        (agents(), "none now: nobody answers until one logs on"),
        (agents(Member(interface="PJSIP/1")), "1 logged on, 1 of them reachable, 0 ready"),
        (
            agents(Member(interface="PJSIP/1", state="UNAVAILABLE"), reachable=0),
            "1 logged on, 0 of them reachable, 0 ready: nobody answers until a phone of theirs registers, see "
            "`queue show support`",
        ),
        (agents(Member(interface="Local/1@a")), "write it with /n: Local/1@a/n"),
        (agents(Member(interface="Local/1@a/n")), "1 logged on, 1 of them reachable, 0 ready"),
        (
            agents(Member(interface="PJSIP/${EVIL}")),
            "was not looked at: its name holds characters that no expression may hold",
        ),
    ],
)
def test_what_is_worth_knowing_of_agents_who_are_well_is_said(known: Agents, note: str) -> None:
    assert [finding.note for finding in members.judged(known)] == [note]


# --- dialplan ------------------------------------------------------------------------------------

HERE = (Part("service support", "callcentre-queue"), Part("callbacks", "callcentre-callback"))
LACKS = (Part("service support", "callcentre-queue", there=False), Part("callbacks", "callcentre-callback"))


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        (Printed(parts=HERE), []),
        (Printed(parts=HERE, pbx="freepbx"), []),
        (Printed(parts=HERE, pbx=None), ["dialplan for this configuration: was printed for another configuration"]),
        (Printed(parts=LACKS, pbx=None), ["dialplan for service support: callcentre-queue does not know it"]),
        (Printed(parts=HERE, version=False, pbx=None), ["version of the dialplan: was printed by another version"]),
        (
            Printed(parts=HERE, nowhere={"services.support.queue_entry": "a,1,1"}),
            ["services.support.queue_entry: leads nowhere: the dialplan has no a,1,1"],
        ),
        (
            Printed(parts=LACKS, version=False, pbx=None),
            [
                "dialplan for service support: callcentre-queue does not know it",
                "version of the dialplan: was printed by another version",
            ],
        ),
    ],
)
def test_one_fault_of_the_dialplan_is_one_finding(printed: Printed, expected: list[str]) -> None:
    found = faults(dialplan.judged(printed))
    assert len(found) == len(expected)
    assert all(one.startswith(begin) for one, begin in zip(found, expected, strict=True))
    assert all("`callcentre dialplan`" in one and "`dialplan reload`" in one for one in found)


def test_what_is_needed_of_the_dialplan_follows_from_the_configuration() -> None:
    first: dict[str, Any] = {"callback": {"dial": {"order": "agent_first"}}, "notify": None}
    sales = {"queue": "support", "name": {"fi": "Myynti"}, "numbers": ["+358912345679"]}
    here = settings({"services": {"support": first, "sales": sales}})
    assert [context for _, context, _ in dialplan.needed(here)] == [
        "callcentre-queue", "callcentre-queue", "callcentre-exit-support", "callcentre-callback", "callcentre-agent",
        "callcentre-reserve",
    ]  # fmt: skip
    assert [context for _, context, _ in dialplan.needed(settings())] == [
        "callcentre-queue", "callcentre-exit-support", "callcentre-callback", "callcentre-notice",
    ]  # fmt: skip


# --- our own calls -------------------------------------------------------------------------------

ROUTE = Extension("from-internal", "0412345678", stays=True)


@pytest.mark.parametrize(
    ("way", "expected"),
    [
        (None, None),
        (Way(target=ROUTE, exists=True), None),
        (Way(target=ROUTE, exists=True, routed=True), None),
        (Way(target=ROUTE, exists=True, routed=False), "no outbound route of FreePBX takes 0412345678"),
        (Way(target=ROUTE, exists=False), "context from-internal of the dialplan has no extension for 0412345678"),
        (Way(target=Device("PJSIP", "trunk"), exists=True, state="offline"), None),
        (Way(target=Device("PJSIP", "trunk"), exists=False), "there is no PJSIP endpoint trunk"),
    ],
)
def test_an_endpoint_that_leads_nowhere_is_a_fault(way: Way | None, expected: str | None) -> None:
    found = faults(outgoing.judged(way))
    assert len(found) == (expected is not None)
    assert all(one.startswith(f"dialling.endpoint: leads nowhere: {expected}") for one in found)


# --- how Asterisk lets us in ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("with_password", "without", "slow"),
    [
        ([0.00014, 0.0002], [0.00014, 0.0002], False),
        ([0.0016, 0.0018], [0.00014, 0.0002], True),
        # One request that was quick shows that nothing is hashed, however slow the others were.
        ([0.00015, 0.9, 0.9], [0.00014, 0.0002], False),
        # Far away all requests are slow.
        ([0.0900, 0.0910], [0.0899, 0.0905], False),
        ([0.0920, 0.0930], [0.0899, 0.0905], True),
    ],
)
def test_a_hash_at_every_request_shows_in_the_fastest_of_them(
    with_password: list[float], without: list[float], slow: bool
) -> None:
    assert access.is_slow(with_password, without) is slow


@pytest.mark.parametrize(
    ("ours", "well"), [(100.0, True), (100.9, True), (101.9, True), (99.1, True), (98.9, False), (102.1, False)]
)
def test_clocks_may_differ_by_a_second(ours: float, well: bool) -> None:
    """Asterisk tells whole seconds: 100 is any moment from 100 up to 101."""
    assert access.clocks(100, ours).well is well


# --- Asterisk's files -----------------------------------------------------------------------------

GOOD = """
[support]
setinterfacevar=yes
setqueueentryvar = true
ringinuse=no
context=callcentre-exit-support
member => Local/1001@from-queue/n,0,Anna,hint:1001@ext-local
member => Local/1002@from-queue/n,0,Bo
member => PJSIP/1003
"""


class Folder:
    """Configuration files by their names."""

    def __init__(self, **texts: str) -> None:
        self._texts = {f"{name}.conf": text for name, text in texts.items()}

    def matching(self, pattern: str) -> list[tuple[str, str]]:
        return [(pattern, self._texts[pattern])] if pattern in self._texts else []


def of_files(**texts: str) -> Files:
    folder = Folder(**texts)
    return Files(queues=read("queues.conf", folder), ari=read("ari.conf", folder))


@pytest.mark.parametrize(
    ("queues", "expected"),
    [
        (GOOD, []),
        ("", []),
        ("[sales]", []),
        (GOOD.replace("setinterfacevar=yes", ""), ["queues.conf:2: write setinterfacevar=yes ("]),
        (GOOD.replace("true", "no"), ["queues.conf:2: write setqueueentryvar=yes ("]),
        (GOOD.replace("ringinuse=no", ""), ["queues.conf:2: write ringinuse=no ("]),
        (GOOD + "ringinuse=yes", ["queues.conf:2: write ringinuse=no ("]),
        (GOOD.replace("context=callcentre-exit-support", ""), ["write context=callcentre-exit-support ("]),
        (GOOD.replace("callcentre-exit-support", "ivr-1"), ["exit_context: ivr-1 in the service"]),
        (
            "[support]",
            ["write setinterfacevar=yes, setqueueentryvar=yes, ringinuse=no, context=callcentre-exit-support ("],
        ),
        # Asterisk uses nothing of such a file: what else is in it does not matter yet.
        ("[support]\n[nosuch](+)", ["adds to a section that is not there before it"]),
    ],
)
def test_an_option_that_the_daemon_counts_on_is_one_fault_of_its_queue(queues: str, expected: list[str]) -> None:
    found = faults(files.judged(of_files(queues=queues), settings()))
    assert len(found) == len(expected)
    for one, words in zip(found, expected, strict=True):
        assert words in one
        assert "`queue reload all`" in one


def test_what_install_adds_to_a_generated_queue_is_all_that_the_daemon_counts_on() -> None:
    generated = "[support]\nsetinterfacevar=no\nringinuse=yes\ncontext=ivr-1\n"
    assert faults(files.judged(of_files(queues=generated), settings()))
    with_ours = generated + printed_queues(settings(), added=True)
    assert faults(files.judged(of_files(queues=with_ours), settings())) == []


def test_keys_that_are_kept_already_are_not_reported_again() -> None:
    kept = settings({"services": {"support": {"exit_context": "ivr-1"}}})
    (found,) = faults(files.judged(of_files(queues=GOOD.replace("callcentre-exit-support", "ivr-1")), kept))
    assert "context=callcentre-exit-support" in found
    assert "exit_context" not in found


@pytest.mark.parametrize(
    ("ari", "known", "expected"),
    [
        ("[callcentre]\npassword_format=crypt", True, True),
        ("[callcentre]\npassword_format=plain", True, False),
        ("[callcentre]\npassword=x", True, False),
        ("[another]\npassword_format=crypt", False, False),
        ("", False, False),
    ],
)
def test_a_password_is_crypted_where_the_file_says_so(ari: str, known: bool, expected: bool) -> None:
    here = of_files(ari=ari)
    assert here.has_user("callcentre") is known
    said = faults(files.judged(here, settings({"ari": {"username": "callcentre"}})))
    assert [one.startswith("ARI user callcentre: has a crypted password") for one in said] == [True] * expected


def test_files_that_cannot_be_read_are_no_fault_and_are_reported() -> None:
    (found,) = files.judged(Files(unread="Asterisk runs on another machine"), settings())
    assert (found.well, found.note) == (True, "not looked at: Asterisk runs on another machine")


def test_the_hint_of_an_agent_is_the_one_that_the_queue_names() -> None:
    assert of_files(queues=GOOD).hints("support") == {"Local/1001@from-queue/n": "1001@ext-local"}
    assert of_files(queues=GOOD).hints("sales") == {}


# --- certificates --------------------------------------------------------------------------------

ELKS = {
    "sms": {
        "gateway": "46elks",
        "46elks": {"username": "u", "password": "p", "report_url": "https://callcentre.example.fi/hooks/46elks/dlr"},
    }
}  # fmt: skip
SMTP = {"smtp": {"host": "smtp.example.fi", "sender": "callcentre@example.fi"}}


@pytest.mark.parametrize(
    ("changes", "needed"),
    [
        ({}, []),
        (ELKS, ["SMS gateway 46elks"]),
        (SMTP, ["smtp"]),
        (ELKS | SMTP, ["SMS gateway 46elks", "smtp"]),
        ({"smtp": {**SMTP["smtp"], "encryption": "none"}}, []),
        ({"smtp": {**SMTP["smtp"], "host": "localhost"}}, []),
    ],
)
def test_certificates_matter_for_what_is_reached_over_the_internet(changes: dict[str, Any], needed: list[str]) -> None:
    assert list(trust.needing(settings(changes))) == needed


def test_a_file_of_ones_own_in_place_of_the_systems_certificates_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    here = settings(ELKS)
    own = {"SSL_CERT_FILE": str(OWN_CA)}
    (found,) = faults(trust.trust(here, own))
    assert "has none of the usual authorities, and SMS gateway 46elks will be refused" in found
    assert "cat /etc/ssl/certs/ca-certificates.crt own.pem" in found
    assert trust.trust(here, {}) == trust.trust(here, {"SSL_CERT_FILE": ""}) == []
    assert trust.trust(settings(), own) == []
    (found,) = faults(trust.trust(here, {"SSL_CERT_FILE": str(tmp_path / "nosuch.pem")}))
    assert "cannot be used (No such file or directory)" in found
    # OpenSSL looks into the system's folder as well, where that has the authorities under their hashes.
    for number in range(20):
        shutil.copy(OWN_CA, tmp_path / f"{number:08x}.0")
    assert faults(trust.trust(here, own)) == []


# --- who may read our files ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "mode", "fix"),
    [
        ("database", 0o600, None),
        ("database", 0o640, "chmod 600 /x"),
        ("database", 0o604, "chmod 600 /x"),
        ("log", 0o640, None),
        ("log", 0o644, "chmod o-rwx /x"),
        ("configuration", 0o640, None),
        ("configuration", 0o644, "chgrp callcentre /x && chmod 640 /x"),
        ("configuration", 0o642, "chmod o-w /x"),
        ("secrets", 0o600, None),
        ("secrets", 0o604, "chmod 600 /x"),
        ("folder", 0o755, None),
        ("folder", 0o777, "chmod o-w /x"),
        ("folder", 0o1777, None),
    ],
)
def test_files_that_others_may_use_are_reported(kind: rights.Kind, mode: int, fix: str | None) -> None:
    finding = rights.judged(kind, Path("/x"), mode)
    assert (finding is None) is (fix is None)
    assert fix is None or (finding is not None and fix in str(finding.fix))


def test_a_configuration_without_secrets_may_be_read_by_all() -> None:
    assert rights.judged("configuration", Path("/x"), 0o644, is_secret=False) is None


@pytest.mark.parametrize(("password", "reported"), [("secret-word", True), ("${CALLCENTRE_ARI_PASSWORD}", False)])
def test_a_secret_in_the_file_itself_is_distinguished_from_the_name_of_a_variable(
    tmp_path: Path, password: str, reported: bool
) -> None:
    file = write_configuration(
        tmp_path / "config.yaml", ari_url="http://127.0.0.1:1/ari", http_port=1,
        changes={"ari": {"password": password}, "http": {"token": "${TOKEN}"}, "sms": {"kannel": None}},
    )  # fmt: skip
    file.chmod(0o644)
    found = rights.rights(read_file(file, {"CALLCENTRE_ARI_PASSWORD": "secret-word", "TOKEN": "another-word"}), file)
    # Named a second time, as the file of secrets, it is told whatever is in it.
    assert len(faults(found)) == (2 if reported else 1)
