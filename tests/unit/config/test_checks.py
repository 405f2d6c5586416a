"""Combinations: values that are right by themselves and do not go together."""
# ruff: noqa: E501, a table is read by its rows

import pytest

from callcentre.config.read import ConfigurationError
from callcentre.configuration import parse
from tests.unit.config.files import SHIPPED, SMALLEST, changed, marked, mistakes, warnings

REPLY = '  reply_number: "+358451234567"'
QUESTION = "        - id: satisfaction\n"
SECOND = '        - {{id: {id}, text: "Miksi?"}}\n'


ERRORS = [
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
    (QUESTION, SECOND.format(id="satisfaction") + QUESTION, 'services.support.survey.questions[1].id: "satisfaction" is the name of an earlier question; take another'),
    (QUESTION, "".join(SECOND.format(id=name) for name in "abc") + QUESTION, "services.support.survey.questions: asks 4 questions; at most 3"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "mistake"), ERRORS)
def test_what_does_not_go_together_is_a_mistake(old: str, new: str, mistake: str) -> None:
    assert mistakes(changed(old, new)) == [mistake]


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


def test_a_free_answer_takes_the_warning_away() -> None:
    assert not [each for each in warnings(changed("reply_is_free: false", "reply_is_free: true")) if "survey" in each]


def test_a_script_of_its_own_is_no_slip() -> None:
    text = SMALLEST.replace("Asiakaspalvelu}}", "Asiakaspalvelu}, welcome: {text: Здравствуйте}}")
    assert warnings(text) == []


TWO = "organisations:\n  kela: {name: Kela}\n  posti: {}\n"
SALES = "  sales:\n    queue: sales\n    name: {fi: Myynti}\n    organisation: posti\n"


def of_two(support: str = "    organisation: kela\n", sales: str = SALES) -> str:
    """The shipped file with two organisations, and a service of each."""
    text = changed("services:\n", TWO + "\nservices:\n" + sales)
    return changed("    queue: support  ", support + "    queue: support  ", text)


def test_each_service_may_belong_to_an_organisation() -> None:
    settings = parse(of_two(), {}).settings
    assert settings.organisation_keys == ("kela", "posti")
    assert {name: settings.organisation_of(name) for name in settings.services} == {"support": "kela", "sales": "posti"}
    assert settings.services_of("posti") == {"sales"}
    assert settings.organisations["kela"].name == "Kela"
    assert settings.organisation_of("gone") is settings.organisation_of(None) is None


def test_without_organisations_there_is_one() -> None:
    settings = parse(SHIPPED, {}).settings
    assert settings.organisation_keys == ("main",)
    assert settings.organisation_of("support") == "main"
    assert settings.services_of("main") == {"support"}


def test_the_only_organisation_has_every_service() -> None:
    settings = parse(changed("services:\n", "organisations: {kela: {name: Kela}}\nservices:\n"), {}).settings
    assert settings.organisation_of("support") == "kela"


SEVERAL = "is missing: there are several organisations, kela and posti; name one"


@pytest.mark.parametrize(
    ("support", "sales", "mistake"),
    [
        (
            "    organisation: «kella»\n",
            SALES,
            'services.support.organisation: "kella" is not in organisations; did you mean kela?',
        ),
        (
            "    organisation: «Kela»\n",
            SALES,
            'services.support.organisation: is not a key for an organisation: "Kela"; use at most 60 of a-z 0-9 _ and -, a letter or digit first',
        ),
        (
            "    organisation: posti\n",
            SALES.replace("queue: sales", "queue: «support»").replace("posti", "kela"),
            "services.support.queue: is also the queue of sales, which belongs to another organisation: ",
        ),
    ],
)
def test_the_mistake_is_at_the_organisation(support: str, sales: str, mistake: str) -> None:
    file = marked(of_two(support, sales))
    assert [each for each in mistakes(file.text) if each.startswith(mistake)]
    with pytest.raises(ConfigurationError) as caught:
        parse(file.text, {})
    places = [(problem.line, problem.column, problem.end) for problem in caught.value.problems]
    if "queue" not in mistake:
        assert places == [(file.line, file.column, file.end)]


def test_with_several_organisations_each_service_names_its_own() -> None:
    assert mistakes(of_two("")) == [f"services.support.organisation: {SEVERAL}"]
    named_main = of_two("").replace("  kela: {name: Kela}\n", "  main: {name: Kela}\n")
    assert parse(named_main, {}).settings.organisation_of("support") == "main"


def test_an_organisation_without_a_service_is_probably_not_meant() -> None:
    unused = of_two().replace("  posti: {}\n", "  posti: {}\n  unused: {}\n")
    assert "organisations.unused: has no service: its people will see nothing" in " ".join(warnings(unused))
