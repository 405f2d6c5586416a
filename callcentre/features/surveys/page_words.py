"""The words of a survey's page, in each language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

LANGUAGES: Final[Mapping[str, str]] = {"en": "English", "fi": "Suomi", "sv": "Svenska"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What the page says. `choices` are the values of satisfaction, the best first; `too_long` has count and most."""

    title: str
    question: str
    choices: Mapping[int, str]
    comment: str
    send: str
    thanks: str
    received: str
    gone: str
    over: str
    missing: str
    too_long: str
    later: str
    languages: str


WORDS: Final[Mapping[str, Words]] = {
    "en": Words(
        title="How did we do?",
        question="How satisfied are you with the service you got on the phone?",
        choices={
            5: "very satisfied",
            4: "satisfied",
            3: "neither satisfied nor dissatisfied",
            2: "dissatisfied",
            1: "very dissatisfied",
        },
        comment="Is there anything else you want to tell us? (optional)",
        send="Send",
        thanks="Thank you",
        received="Your answer has been received.",
        gone="This page is not open",
        over="The link is not valid, or the time to answer is over.",
        missing="Choose one of the answers.",
        too_long="Your comment is {count} characters long. Write at most {most}.",
        later="Your answer could not be stored just now. Please send it again.",
        languages="Language",
    ),
    "fi": Words(
        title="Miten onnistuimme?",
        question="Kuinka tyytyväinen olet puhelimessa saamaasi palveluun?",
        choices={
            5: "erittäin tyytyväinen",
            4: "tyytyväinen",
            3: "en tyytyväinen enkä tyytymätön",
            2: "tyytymätön",
            1: "erittäin tyytymätön",
        },
        comment="Haluatko kertoa meille vielä jotain? (vapaaehtoinen)",
        send="Lähetä",
        thanks="Kiitos",
        received="Vastauksesi on vastaanotettu.",
        gone="Tämä sivu ei ole avoinna",
        over="Linkki ei ole voimassa, tai vastausaika on päättynyt.",
        missing="Valitse yksi vaihtoehdoista.",
        too_long="Kommentissasi on {count} merkkiä. Kirjoita enintään {most}.",
        later="Vastaustasi ei voitu juuri nyt tallentaa. Lähetä se uudelleen.",
        languages="Kieli",
    ),
    "sv": Words(
        title="Hur lyckades vi?",
        question="Hur nöjd är du med den service du fick i telefonen?",
        choices={
            5: "mycket nöjd",
            4: "nöjd",
            3: "varken nöjd eller missnöjd",
            2: "missnöjd",
            1: "mycket missnöjd",
        },
        comment="Vill du berätta något mer för oss? (frivilligt)",
        send="Skicka",
        thanks="Tack",
        received="Ditt svar har tagits emot.",
        gone="Den här sidan är inte öppen",
        over="Länken gäller inte, eller så har svarstiden gått ut.",
        missing="Välj ett av alternativen.",
        too_long="Din kommentar är {count} tecken lång. Skriv högst {most}.",
        later="Ditt svar kunde inte sparas just nu. Skicka det igen.",
        languages="Språk",
    ),
}
