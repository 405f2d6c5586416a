"""What `callcentre check` says about a file that can be used."""

from pathlib import Path

from callcentre.cli.report import describe
from callcentre.config.texts import texts
from callcentre.configuration import FILE, parse
from tests.unit.config.files import SHIPPED, SMALLEST, changed, settings


def senders(text: str) -> dict[str, str]:
    """Who each text of a service comes from."""
    rows = describe(parse(text, {}), FILE).rpartition("messages\n")[2].splitlines()
    return {name.removeprefix("services.support."): sender for name, sender, *_ in map(str.split, rows)}


def test_each_text_is_listed_with_its_sender_and_cost() -> None:
    found = senders(SHIPPED)
    assert found["welcome.text"] == "Neuvonta"
    assert found["notify.text"] == "+358451234567"
    assert found["survey.questions[0].text"] == "+358451234567"
    assert len(found) == 7
    assert {each.alphabet for each in texts(settings(SHIPPED), FILE)} == {"gsm7"}


def test_a_notice_that_nobody_answers_comes_from_the_name() -> None:
    assert senders(changed("two_way: true", "two_way: false"))["notify.text"] == "Neuvonta"


def test_a_text_outside_the_gsm_alphabet_says_why_it_is_dear() -> None:
    dear = settings(changed("soittajaa. Asioi", "soittajaa š asioi"))
    (welcome,) = (each for each in texts(dear, FILE) if each.path[2:] == ("welcome", "text"))
    assert (welcome.alphabet, welcome.parts, welcome.outside) == ("ucs2", 2, ("š",))


def test_the_report_has_the_verdict_the_warnings_and_the_texts() -> None:
    report = describe(parse(SHIPPED, {}, Path("my/config.yaml")), FILE)
    assert report.startswith("my/config.yaml: fine\n\nmy/config.yaml:19:10: warning: http.token: is still")
    assert "services.support.welcome.text              Neuvonta       GSM 7-bit  1\n" in report


def test_a_file_without_texts_or_warnings_is_just_fine() -> None:
    assert describe(parse(SMALLEST, {}, Path("config.yaml")), FILE) == "config.yaml: fine"
