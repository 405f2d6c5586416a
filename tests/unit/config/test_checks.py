"""Combinations: values that are right by themselves and do not go together."""
# ruff: noqa: E501, a table is read by its rows

import pytest

from callcentre.config.read import ConfigurationError
from callcentre.configuration import parse
from tests.unit.config.files import SHIPPED, SMALLEST, changed, marked, mistakes, settings

REPLY = '  reply_number: "+358451234567"'
QUESTION = "        - id: satisfaction\n"
SECOND = '        - {{id: {id}, text: "Miksi?"}}\n'


def warnings(text: str) -> list[str]:
    """The warnings of a file without mistakes, as "path: message"."""
    return [each.render("").splitlines()[0].split(": ", 1)[1] for each in parse(text, {}).warnings]


ERRORS = [
    ("listen: 127.0.0.1:8090", "listen: 0.0.0.0:8090", "http.token: is still the one that everybody knows, and 0.0.0.0:8090 is open to others; choose one of your own"),
    ("listen: 127.0.0.1:8090", "listen: '[::]:8090'", "http.token: is still the one that everybody knows, and [::]:8090 is open to others; choose one of your own"),
    ("listen: 127.0.0.1:8090", "listen: 127.0.0.1:8090\n  trusted_proxies: ['::/0', 127.0.0.1]", "http.trusted_proxies[0]: is everybody, who could then claim any address; write the addresses of your proxies only"),
    ("numbers: [\"+358912345678\"]", "numbers: [\"+358912345678\", 0912345678]", 'services.support.numbers[1]: "+358912345678" is here twice; a call can belong to one service only'),
    ("name: {en: Customer service, fi: Asiakaspalvelu, sv: Kundtjänst}", "name: {en: Customer service, sv: Kundtjänst}", "services.support.name: lacks fi, the service's language; there is en and sv"),
    ("cancel_words: [ei, e, no, nej] ", "cancel_words: [ei, Stop!] ", 'services.support.notify.cancel_words[1]: "Stop!" ends all texts to the person and never gets here; take another word'),
    ("keep_words: [kyllä, k, yes, ja]", "keep_words: [kyllä, start]", 'services.support.notify.keep_words[1]: "start" allows texts to the person again and never gets here; take another word'),
    ("keep_words: [kyllä, k, yes, ja]", "keep_words: [kyllä, cancel]", 'services.support.notify.keep_words[1]: "cancel" ends all texts to the person and never gets here; take another word'),
    ("keep_words: [kyllä, k, yes, ja]", "keep_words: [kyllä, lopeta]", 'services.support.notify.keep_words[1]: "lopeta" ends all texts to the person and never gets here; take another word'),
    ("keep_words: [kyllä, k, yes, ja]", "keep_words: [kyllä, Nej]", 'services.support.notify.keep_words[1]: "Nej" is a cancel word too; an answer can mean one thing only'),
    ("keep_words: [kyllä, k, yes, ja]", "keep_words: ['?']", 'services.support.notify.keep_words[0]: "?" is only punctuation, and an answer is compared without it'),
    ("cancel_words: [ei, e, no, nej] ", "cancel_words: [] ", "services.support.notify.cancel_words: needs a word: a two-way notice asks whether the call is wanted"),
    ("      after: 1m  ", "      after: 3d  ", "services.support.survey.after: is no shorter than expires: the survey is over before it is sent"),
    ("      # link: ", "      link: ", "services.support.survey.link: cannot be combined with questions: keep one of the two"),
    ('"5": 5, viisi: 5}', '"5": 5, viisi: 6}', "services.support.survey.questions[0].answers.viisi: counts as 6, but csat goes from 1 to 5"),
    ('"5": 5, viisi: 5}', '"5": 5, quit: 5}', 'services.support.survey.questions[0].answers.quit: "quit" ends all texts to the person and never gets here; take another word'),
    ('"5": 5, viisi: 5}', '"5": 5, "5.": 5}', 'services.support.survey.questions[0].answers.5.: "5." is the same answer as "5"'),
    ('answers: {"1": 1, "2": 2, "3": 3, "4": 4, "5": 5, viisi: 5}', "answers: null", "services.support.survey.questions[0].metric: csat needs answers with numbers"),
    ("endpoint: PJSIP/{number}@trunk", "endpoint: Local/{number}@callcentre-queue/n", "dialling.endpoint: runs our own dialplan, so that our calls come back to us: callcentre-queue; name the context by which your PBX dials out"),
    ("endpoint: PJSIP/{number}@trunk", "endpoint: local/{digits}@callcentre-callback/n", "dialling.endpoint: runs our own dialplan, so that our calls come back to us: callcentre-callback; name the context by which your PBX dials out"),
    ("endpoint: PJSIP/{number}@trunk", "endpoint: PJSIP/{number}@0912345678", "dialling.endpoint: calls our own number +358912345678; write the trunk there"),
    ("endpoint: PJSIP/{number}@trunk", "endpoint: SIP/+358451234567/{digits}", "dialling.endpoint: calls our own number +358451234567; write the trunk there"),
    ("endpoint: PJSIP/{number}@trunk", "endpoint: Local/{national}@358912345678/n", "dialling.endpoint: calls our own number +358912345678; write the trunk there"),
    (QUESTION, SECOND.format(id="satisfaction") + QUESTION, 'services.support.survey.questions[1].id: "satisfaction" is the name of an earlier question; take another'),
    (QUESTION, "".join(SECOND.format(id=name) for name in "abc") + QUESTION, "services.support.survey.questions: asks 4 questions; at most 3"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "mistake"), ERRORS)
def test_what_does_not_go_together_is_a_mistake(old: str, new: str, mistake: str) -> None:
    assert mistakes(changed(old, new)) == [mistake]


def test_services_of_one_queue_name_one_exit_context() -> None:
    sales = "\n  sales: {queue: support, numbers: ['+358912345679'], name: {fi: Myynti}, exit_context: %s}\n"
    first = changed("queue: support ", "exit_context: ivr-1\n    queue: support ")
    assert mistakes(first + sales % "ivr-1") == []
    assert mistakes(first + sales % "null") == []
    assert mistakes(first + sales % "ivr-2") == [
        "services.sales.exit_context: is another one than that of support, and queue support has one exit context; "
        "write the same"
    ]


def test_what_asks_for_an_answer_needs_a_number_to_answer_to() -> None:
    assert mistakes(SHIPPED.replace(REPLY, "  # none")) == [
        'services.support.notify.two_way: needs sms.reply_number: nobody can answer "Neuvonta"',
        'services.support.survey.questions: needs sms.reply_number: nobody can answer "Neuvonta"',
    ]


def test_the_mistake_is_at_the_value_that_asks_for_more() -> None:
    file = marked(changed("two_way: true", "two_way: «true»", changed(REPLY, "  # none")))
    with pytest.raises(ConfigurationError) as caught:
        parse(file.text, {})
    problem = caught.value.problems[0]
    assert (problem.line, problem.column, problem.end) == (file.line, file.column, file.end)


@pytest.mark.parametrize("change", [("two_way: true", "two_way: false"), ("by: auto", "by: voice")])
def test_a_notice_that_nobody_answers_by_text_needs_no_reply_number(change: tuple[str, str]) -> None:
    text = changed(*change, changed(REPLY, "  # none"))
    assert [each.split(":")[0] for each in mistakes(text)] == ["services.support.survey.questions"]


@pytest.mark.parametrize(
    ("gateway", "keys"),
    [
        ("kannel", "url, username, password and report_url"),
        ("46elks", "username, password and report_url"),
        ("twilio", "account_sid, auth_token and report_url"),
    ],
)
def test_a_gateway_needs_its_own_part(gateway: str, keys: str) -> None:
    text = changed("gateway: console", f"gateway: {gateway}", SMALLEST)
    assert mistakes(text) == [f"sms.gateway: {gateway} needs sms.{gateway} with {keys}"]


def over_the_internet(gateway: str, *, url: str = "", report_url: str = "") -> str:
    """The smallest file with 46elks or twilio, both as its users would write them."""
    account = {
        "46elks": "username: u0123, password: hunter2",
        "twilio": "account_sid: AC0123456789abcdef0123456789abcdef, auth_token: hunter2",
    }[gateway]
    report_url = report_url or f"https://calls.example.fi/hooks/{gateway}/dlr"
    section = f"{gateway}: {{{account}, report_url: '{report_url}'{f', url: {url!r}' if url else ''}}}"
    text = changed("{token: 0123456789abcdef}", "{token: 0123456789abcdef, hook_token: fedcba9876543210}", SMALLEST)
    return changed("gateway: console", f"gateway: {gateway}, {section}", text)


GATEWAYS = ["46elks", "twilio"]


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_a_gateway_of_the_internet_needs_little(gateway: str) -> None:
    assert mistakes(over_the_internet(gateway)) == []
    assert warnings(over_the_internet(gateway)) == []


@pytest.mark.parametrize("gateway", GATEWAYS)
@pytest.mark.parametrize(
    ("urls", "warning"),
    [
        ({"url": "http://api.example.fi"}, "sms.{0}.url: sends the password and every text over the network unencrypted; use https"),
        ({"url": "http://127.0.0.1:8080"}, None),
        ({"report_url": "https://127.0.0.1/hooks/{0}/dlr"}, "sms.{0}.report_url: is this machine seen from itself: {0} needs an address of the internet"),
        ({"report_url": "http://calls.example.fi/hooks/{0}/dlr"}, "sms.{0}.report_url: brings the token and every number over the network unencrypted; use https"),
        ({"report_url": "https://calls.example.fi/hooks/kannel/dlr"}, "sms.{0}.report_url: does not end with /hooks/{0}/dlr, where the daemon awaits reports"),
    ],
)  # fmt: skip
def test_an_address_that_will_not_do_over_the_internet_is_a_warning(
    gateway: str, urls: dict[str, str], warning: str | None
) -> None:
    text = over_the_internet(gateway, **{name: url.format(gateway) for name, url in urls.items()})
    assert warnings(text) == ([] if warning is None else [warning.format(gateway)])


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_the_secret_of_a_gateway_is_not_in_what_is_printed(gateway: str) -> None:
    assert "hunter2" not in repr(settings(over_the_internet(gateway)))
    with pytest.raises(ConfigurationError) as caught:
        parse(over_the_internet(gateway, report_url="ftp://x"), {})
    assert "hunter2" not in str(caught.value)


def test_a_survey_needs_questions_or_a_link() -> None:
    text = SMALLEST.replace("Asiakaspalvelu}}", "Asiakaspalvelu}, survey: {sample: 0.5}}")
    assert mistakes(text) == ["services.support.survey: needs questions, or a link to a page that asks"]


def test_a_link_needs_no_reply_number_but_must_be_one() -> None:
    text = SMALLEST.replace("Asiakaspalvelu}}", "Asiakaspalvelu}, survey: {link: '%s'}}")
    assert mistakes(text % "https://survey.example.fi/?t={{ token }}") == []
    assert mistakes(text % "survey.example.fi") == [
        "services.support.survey.link: is not a link: it must hold https:// or http://"
    ]


def test_beside_a_link_a_text_that_is_never_sent_and_a_token_that_is_missing_are_warnings() -> None:
    survey = "survey: {link: 'https://x.example.fi', invalid_text: Hm, thanks: Kiitos}"
    assert warnings(SMALLEST.replace("Asiakaspalvelu}}", f"Asiakaspalvelu}}, {survey}}}")) == [
        "services.support.survey.link: holds no {{ token }}: nobody can tell whose answers the page brings",
        "services.support.survey.invalid_text: is never sent: the page of the link says such things itself",
        "services.support.survey.thanks: is never sent: the page of the link says such things itself",
    ]


def test_a_callback_needs_dialling() -> None:
    text = SMALLEST.replace("Asiakaspalvelu}}", "Asiakaspalvelu}, callback: {}}")
    assert mistakes(text) == ["services.support.callback: needs dialling: nobody can be called back without"]


def test_a_number_belongs_to_one_service() -> None:
    text = SMALLEST + "".join(
        f"  {name}: {{queue: {name}, name: {{fi: X}}, numbers: ['+358912345678']}}\n" for name in "bc"
    )
    assert mistakes(text) == [
        'services.c.numbers[0]: "+358912345678" is a number of b too; a call can belong to one service only'
    ]


def test_names_that_asterisk_cannot_distinguish_are_a_mistake() -> None:
    text = SMALLEST + "  sup-port: {queue: other, name: {fi: Toinen}}\n"
    assert mistakes(text) == [
        "services.sup-port: is the same extension as support to Asterisk, which overlooks hyphens"
    ]


@pytest.mark.parametrize(
    ("metric", "value", "fits"),
    [("csat", 0, False), ("csat", 5, True), ("nps", 0, True), ("nps", 11, False), ("ces", 7, True), ("ces", 8, False), ("none", -5, True)],
)  # fmt: skip
def test_an_answer_counts_within_the_scale_of_its_metric(metric: str, value: int, fits: bool) -> None:
    text = changed("metric: csat", f"metric: {metric}").replace("viisi: 5", f"viisi: {value}")
    found = [each for each in mistakes(text) if "viisi" in each]
    assert (found == []) is fits


WARNINGS = [
    ("url: http://127.0.0.1:8088/ari", "url: http://pbx.example.fi:8088/ari", "ari.url: sends the password and every number over the network unencrypted; use https"),
    ("report_url: http://127.0.0.1:8090/hooks/kannel/dlr", "report_url: http://127.0.0.1:8090/dlr", "sms.kannel.report_url: does not end with /hooks/kannel/dlr, where the daemon awaits reports"),
    ("  text: [mobile]", "  text: [fixed_line]", "numbers.text: leaves out mobile: hardly any text will be sent"),
    ('call_hours: "08:00-21:00"', 'call_hours: "17:00-08:00"', "services.support.callback: calls nobody back: the service is never open within the call hours 17:00-08:00"),
    ("until_closing: 30m", "until_closing: 4h", "services.support.callback.offer.until_closing: is no shorter than the shortest opening hours (4h): no callback is offered then"),
    ("press_to_accept: true", "press_to_accept: false", "services.support.callback.dial.press_to_accept: without a key press an answering machine takes the callback and waits for an agent"),
    ("at_position: 1 ", "at_position: 3 ", "services.support.callback.dial.at_position: lets a customer whom we call wait on the line for 12m while one agent is on duty: 3 × wait_estimate.handle_time (4m)"),
    ("      voice_if_undelivered: 60s", "      exists_text: Siellä on jo.\n      voice_if_undelivered: 60s", "services.support.notify.exists_text: is not sent any more: who texts a number must not learn that it has a callback; leave it out"),
    ("soittajaa. Asioi", "soittajaa – asioi", 'services.support.welcome.text: "–" is outside the GSM alphabet: the whole text goes as UCS-2, 70 characters to a message instead of 160'),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "warning"), WARNINGS)
def test_what_was_probably_not_meant_is_a_warning(old: str, new: str, warning: str) -> None:
    before = warnings(SHIPPED)
    assert [each for each in warnings(changed(old, new)) if each not in before] == [warning]


@pytest.mark.parametrize(
    ("at_position", "handle_time", "warned"), [(1, "15m", False), (2, "5m", False), (2, "301s", True), (11, "1m", True)]
)
def test_a_long_wait_of_somebody_whom_we_call_is_a_warning(at_position: int, handle_time: str, warned: bool) -> None:
    text = changed("handle_time: 4m", f"handle_time: {handle_time}").replace(
        "at_position: 1 ", f"at_position: {at_position} "
    )
    assert any("wait on the line" in each for each in warnings(text)) is warned


def test_a_notice_that_comes_after_its_call_is_a_warning() -> None:
    text = changed("at_position: 1 ", "at_position: 5 ", changed("handle_time: 4m", "handle_time: 1m"))
    assert [each for each in warnings(text) if each not in warnings(SHIPPED)] == [
        "services.support.notify.at_position: is better than callback.dial.at_position 5: "
        "the call is made before its notice would go"
    ]


def test_a_notice_without_callback_is_a_warning() -> None:
    text = SMALLEST.replace("Asiakaspalvelu}}", "Asiakaspalvelu}, notify: {two_way: false, text: Pian}}")
    assert warnings(text) == ["services.support.notify: does nothing without callback: there is no call to announce"]


def test_services_of_one_queue_without_numbers_are_a_warning() -> None:
    text = SMALLEST + "  web: {queue: support, name: {fi: Verkko}}\n"
    assert [each.split(": ")[0] for each in warnings(text)] == ["services.web.queue"]
    assert warnings(text.replace("{fi: Verkko}", "{fi: Verkko}, numbers: [0912345678]")) == []


def test_hours_that_never_come_are_a_warning() -> None:
    text = SMALLEST.replace("Asiakaspalvelu}}", "Asiakaspalvelu}, hours: {weekdays: {mon: closed}}}")
    assert [each.split(": ")[0] for each in warnings(text)] == ["services.support.hours"]


EQUAL = "http.hook_token: is the same as http.token: a gateway, and whoever reads its logs, may use /api; choose another one"
KNOWN = "http.hook_token: is still the one that everybody knows; choose one of your own"
MISSING = (
    "http.hook_token: is missing: kannel gets http.token in the addresses of hooks, so whoever reads its logs may use "
    "/api; give hooks a token of their own"
)


@pytest.mark.parametrize(
    ("token", "hook_token", "said"),
    [
        ("0123456789abcdef", "null", [MISSING]),
        ("0123456789abcdef", "fedcba9876543210", []),
        ("0123456789abcdef", "0123456789abcdef", [EQUAL]),
        ("0123456789abcdef", "change-me", [KNOWN]),
    ],
)
def test_hooks_need_a_token_of_their_own(token: str, hook_token: str, said: list[str]) -> None:
    text = changed("${CALLCENTRE_HTTP_TOKEN:-change-me}", token)
    text = changed("hook_token: ${CALLCENTRE_HOOK_TOKEN:-}", f"hook_token: {hook_token}", text)
    assert [each for each in warnings(text) if each.startswith("http.")] == said


def test_a_token_of_hooks_that_everybody_knows_is_a_mistake_where_others_can_reach_it() -> None:
    text = changed(
        "http: {token: 0123456789abcdef}",
        "http: {token: 0123456789abcdef, hook_token: change-me, listen: '0.0.0.0:1'}",
        SMALLEST,
    )
    assert mistakes(text) == [
        "http.hook_token: is still the one that everybody knows, and 0.0.0.0:1 is open to others; choose one of your own"
    ]


def test_the_hooks_of_a_gateway_that_has_none_need_no_token() -> None:
    assert warnings(SMALLEST) == []


@pytest.mark.parametrize(("token", "warned"), [("short", True), ("0123456789abcdef", False)])
def test_a_short_token_is_a_warning_where_others_can_reach_it(token: str, warned: bool) -> None:
    text = changed("http: {token: 0123456789abcdef}", f"http: {{token: {token}, listen: '0.0.0.0:8090'}}", SMALLEST)
    assert bool(warnings(text)) is warned


def test_a_free_answer_takes_the_warning_away() -> None:
    assert not [each for each in warnings(changed("reply_is_free: false", "reply_is_free: true")) if "survey" in each]


def test_a_script_of_its_own_is_no_slip() -> None:
    text = SMALLEST.replace("Asiakaspalvelu}}", "Asiakaspalvelu}, welcome: {text: Здравствуйте}}")
    assert warnings(text) == []
