"""What the routes of the surveys need from the rest of the daemon."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from callcentre.features.surveys.events import SurveyFilledIn


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSurvey:
    """A survey that is answered on a page.

    `survey` is its name, `of` the key of its service, `service` the service's names by language, and `language` the
    service's language.
    """

    survey: str
    of: str
    service: Mapping[str, str]
    language: str
    answered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyPorts:
    """The surveys that are answered on a page, by their tokens.

    `found` returns None when there is none, never was, or its time is over. `taken` says whether the stored answers are
    those of this event. `language` is that of the whole file.
    """

    found: Callable[[str], OpenSurvey | None]
    taken: Callable[[SurveyFilledIn], bool]
    language: Callable[[], str]
