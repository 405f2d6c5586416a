"""Reading the file: every mistake at once, each at its place."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from callcentre.config.read import ConfigurationError
from callcentre.configuration import parse, read
from callcentre.features.callbacks.settings import CallbackSettings
from callcentre.features.surveys.settings import SurveySettings
from callcentre.features.welcome.settings import WelcomeSettings
from callcentre.kernel.settings import LogSettings
from callcentre.messaging.settings import SmsSettings
from callcentre.telephony.dialling.settings import DiallingSettings
from callcentre.telephony.settings import AriSettings
from callcentre.values.numbers import Allowed, NumberRefusal, Refused
from callcentre.web.settings import HttpSettings
from tests.unit.config.files import ROOT, SHIPPED, SMALLEST, changed, marked, mistakes, settings

MIN_WAIT = "min_wait: 5m              # only when the estimated wait is longer; no agent on duty counts as long\n"
REPLY = '  reply_number: "+358451234567"'


def test_the_shipped_file_has_no_mistakes_and_three_warnings() -> None:
    configuration = read(ROOT / "config.yaml", {})
    assert [".".join(map(str, each.path)) for each in configuration.warnings] == [
        "http.token",
        "http.hook_token",
        "services.support.survey.questions",
    ]


def test_the_shipped_file_points_editors_at_the_schema() -> None:
    assert SHIPPED.startswith("# yaml-language-server: $schema=callcentre/config/schema.json\n")


def test_values_have_the_type_of_their_key() -> None:
    everything = settings(SHIPPED)
    support = everything.services["support"]
    assert everything.section(SmsSettings).reply_number == "+358451234567"
    assert everything.timezone == ZoneInfo("Europe/Helsinki")
    assert everything.section(HttpSettings).listen.port == 8090
    assert everything.section(LogSettings).file is None
    assert support.numbers == ("+358912345678",)
    assert support.title == "Asiakaspalvelu"
    welcome = support.section(WelcomeSettings)
    assert welcome is not None
    assert welcome.cooldown == timedelta(hours=1)
    callback = support.section(CallbackSettings)
    assert callback is not None
    assert callback.dial.retry_after.no_answer == timedelta(minutes=10)
    survey = support.section(SurveySettings)
    assert survey is not None
    assert survey.questions is not None
    assert survey.questions[0].answers == {"1": 1, "2": 2, "3": 3, "4": 4, "5": 5, "viisi": 5}
    assert everything.number_policy.may_text("0401234567") == Allowed("+358401234567")
    assert everything.number_policy.may_text("+46701234567") == Refused(NumberRefusal.FOREIGN)


def test_what_yaml_would_guess_at_stays_what_was_written() -> None:
    text = changed("name: {fi: Asiakaspalvelu}", "name: {fi: NO}, numbers: [0912345678]", SMALLEST)
    support = settings(text).services["support"]
    assert support.title == "NO"
    assert support.numbers == ("+358912345678",)


@pytest.mark.parametrize("nothing", ["null", "~", "", "Null"])
def test_a_value_that_may_be_left_out_is_none(nothing: str) -> None:
    assert settings(changed("file: null", f"file: {nothing}")).section(LogSettings).file is None


def test_null_in_quotes_is_a_word() -> None:
    text = changed("name: {fi: Asiakaspalvelu}", 'name: {fi: "null"}', SMALLEST)
    assert settings(text).services["support"].title == "null"


def test_a_service_goes_by_the_language_and_timezone_of_the_file_unless_it_has_its_own() -> None:
    text = SMALLEST + "  web: {queue: web, name: {sv: Webb}, language: sv, timezone: Europe/Stockholm}\n"
    services = settings(text).services
    assert (services["support"].language, services["support"].timezone.key) == ("fi", "Europe/Helsinki")
    assert (services["web"].language, services["web"].timezone.key) == ("sv", "Europe/Stockholm")
    assert services["web"].opening_hours.zone == ZoneInfo("Europe/Stockholm")


def test_a_service_without_hours_is_always_open() -> None:
    assert settings().services["support"].opening_hours.never_closes


def test_settings_cannot_be_changed() -> None:
    read_only: Any = settings()
    with pytest.raises(ValueError, match="frozen"):
        read_only.region = "SE"


def test_secrets_are_not_in_what_is_printed_of_settings() -> None:
    assert "secret" not in repr(settings())
    assert "0123456789abcdef" not in repr(settings())


def test_a_mistake_is_shown_in_its_line_with_a_caret() -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse(changed(MIN_WAIT, "min_wiat: 5m\n"), {}, Path("etc/config.yaml"))
    line = SHIPPED[: SHIPPED.index("min_wait:")].count("\n") + 1
    assert str(caught.value) == (
        f"etc/config.yaml:{line}:9: services.support.callback.offer.min_wiat: unknown key; did you mean min_wait?\n"
        f"{line:>5} |         min_wiat: 5m\n"
        "      |         ^^^^^^^^"
    )


def test_five_different_mistakes_are_all_named_in_the_order_of_the_file() -> None:
    text = SHIPPED
    for old, new in (
        ("listen: 127.0.0.1:8090", "listen: 0.0.0.0:8090"),
        (f"{REPLY}   #", "  #"),
        ("min_wait: 5m", "min_wiat: 5m"),
        ("per_second: 20", "per_second: many"),
        ("{{ waiting }}", "{{ waitng }}"),
    ):
        text = changed(old, new, text)
    assert [each.split(": ")[0] for each in mistakes(text)] == [
        "http.token",
        "sms.per_second",
        "services.support.welcome.text",
        "services.support.callback.offer.min_wiat",
        "services.support.notify.two_way",
        "services.support.survey.questions",
    ]


@pytest.mark.parametrize(
    ("removed", "mistake"),
    [
        ("ari: {password: secret}\n", "ari: is missing; write ari: {password: '${CALLCENTRE_ARI_PASSWORD}'}"),
        ("timezone: Europe/Helsinki\n", "timezone: is missing; write timezone: Europe/Helsinki"),
        ("gateway: console, ", "sms.gateway: is missing; write gateway: console"),
        ("queue: support, ", "services.support.queue: is missing; write queue: support"),
    ],
)
def test_a_missing_key_is_named_with_what_to_write(removed: str, mistake: str) -> None:
    assert mistakes(changed(removed, "", SMALLEST)) == [mistake]


def test_a_missing_key_is_pointed_at_where_its_section_begins() -> None:
    file = marked(changed("  support: {queue: support, ", "  «support»: {", SMALLEST))
    with pytest.raises(ConfigurationError) as caught:
        parse(file.text, {})
    [problem] = caught.value.problems
    assert (problem.line, problem.column, problem.end) == (file.line, file.column, file.end)


def test_a_misspelt_key_is_not_also_called_missing() -> None:
    assert mistakes(changed("{queue: support", "{qeue: support", SMALLEST)) == [
        "services.support.qeue: unknown key; did you mean queue?"
    ]


def test_what_follows_from_a_mistake_is_not_a_second_one() -> None:
    broken = changed("region: FI\n", "region: XQ\n", SMALLEST).replace(
        "{fi: Asiakaspalvelu}}", "{fi: Asiakaspalvelu}, numbers: [0912345678]}"
    )
    assert mistakes(broken) == ['region: is not a region: "XQ"; write its two letters, e.g. FI']


def test_a_combination_with_a_mistaken_value_is_left_alone() -> None:
    broken = changed(REPLY, "  reply_number: nobody")
    assert mistakes(broken) == ['sms.reply_number: is not a telephone number: "nobody"; write it as +358451234567']


def test_combinations_are_checked_beside_mistakes_elsewhere() -> None:
    broken = changed("level: info", "level: loud").replace(REPLY, "  # none")
    assert [each.split(": ")[0] for each in mistakes(broken)] == [
        "log.level",
        "services.support.notify.two_way",
        "services.support.survey.questions",
    ]


def test_a_service_that_is_no_section_does_not_hide_the_mistakes_of_others() -> None:
    broken = SMALLEST + "  web: nothing\n  shop: {queue: a b, name: {fi: Kauppa}}\n"
    assert [each.split(": ")[0] for each in mistakes(broken)] == ["services.web", "services.shop.queue"]


ENVIRONED = changed("{password: secret}", "{password: '${PASSWORD}', username: '${NAME:-anna}'}", SMALLEST)


@pytest.mark.parametrize(
    ("environ", "password", "username"),
    [
        ({"PASSWORD": "x"}, "x", "anna"),
        ({"PASSWORD": "x", "NAME": ""}, "x", "anna"),
        ({"PASSWORD": "a: [b] # ${NAME}", "NAME": "null"}, "a: [b] # ${NAME}", "null"),
    ],
)
def test_the_environment_is_data_and_never_yaml(environ: dict[str, str], password: str, username: str) -> None:
    ari = parse(ENVIRONED, environ).settings.section(AriSettings)
    assert (ari.password, ari.username) == (password, username)


def test_what_the_environment_lacks_is_a_mistake_at_its_place() -> None:
    assert mistakes(ENVIRONED) == [
        "ari.password: PASSWORD is not set in the environment; set it, or write ${PASSWORD:-default}"
    ]


def test_what_the_environment_holds_is_typed_by_its_key() -> None:
    text = changed("per_second: 20 ", "per_second: ${RATE:-7} ")
    assert parse(text, {}).settings.section(SmsSettings).per_second == 7
    assert parse(text, {"RATE": "9"}).settings.section(SmsSettings).per_second == 9
    assert mistakes(text, {"RATE": "fast"}) == ['sms.per_second: must be a whole number, not "fast"']


def test_a_file_that_is_not_there_is_a_plain_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path / "none.yaml")
    assert str(caught.value) == f"{tmp_path}/none.yaml: cannot be read: there is no such file; name yours with -c FILE"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"a: 1\nb: \xe4\n", ":2:4: is not UTF-8: byte 0xE4; save the file as UTF-8"),
        (b"# " + b"x" * 1024 * 1024, ": is larger than 1024 KiB: that is not a configuration"),
        (b"", ": is empty; begin with the config.yaml of callcentre"),
        (b"# only a comment\n", ": is empty; begin with the config.yaml of callcentre"),
    ],
)
def test_a_file_that_is_no_configuration_is_a_plain_sentence(content: bytes, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError) as caught:
        read(path)
    assert str(caught.value).splitlines()[0] == f"{path}{sentence}"


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="is a folder; name an ordinary file"):
        read(tmp_path)


def test_a_byte_order_mark_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(SMALLEST, encoding="utf-8-sig")
    assert read(path, {}).settings == settings()


YAMLISH = st.lists(
    st.one_of(
        st.sampled_from(SHIPPED.splitlines()),
        st.sampled_from(["services:", "  support:", "    survey: {questions: [a, {id: b}]}", "sms: {}", "ari: null"]),
        st.text("ab:{}[]&*#!|>%@`\"',-? \t\\${}<\n\x85", max_size=30),
        st.text(max_size=10),
    ),
    max_size=40,
).map("\n".join)


@hypothesis_settings(deadline=None)
@given(YAMLISH)
def test_reading_any_text_ends_in_settings_or_in_problems(text: str) -> None:
    assert all(mistakes(text))


@hypothesis_settings(deadline=None)
@given(st.data())
def test_a_shipped_file_with_any_line_lost_or_doubled_ends_in_settings_or_in_problems(data: st.DataObject) -> None:
    lines = SHIPPED.splitlines()
    place = data.draw(st.integers(0, len(lines) - 1))
    lines[place : place + 1] = data.draw(st.sampled_from([[], [lines[place]] * 2, [lines[place].replace(":", "")]]))
    assert all(mistakes("\n".join(lines)))


@pytest.mark.parametrize(
    "endpoint",
    ["PJSIP/{national}@trunk", "Local/{digits}@out/n", "Local/{digits}@out/nj", "local/{national}@out/jn"],
)
def test_an_endpoint_may_be_a_device_or_a_local_channel_that_stays(endpoint: str) -> None:
    text = changed("endpoint: PJSIP/{number}@trunk", f"endpoint: {endpoint}", SHIPPED)
    dialling = settings(text).section(DiallingSettings)
    assert dialling is not None
    assert dialling.endpoint == endpoint
