"""Every language has the files that adding it takes."""

from __future__ import annotations

from callcentre.features.notices.words import SHIPPED
from callcentre.features.surveys.page_words import WORDS
from callcentre.statistics.sheets import SPREADSHEETS
from callcentre.telephony import sounds
from callcentre.values.languages import LANGUAGES
from tests.unit.rehearsal import settings


def test_every_language_has_prompts_texts_a_page_and_a_form_of_spreadsheets() -> None:
    prompts = {folder.name for folder in sounds.share().iterdir() if folder.is_dir()}
    assert prompts == set(SHIPPED) == set(WORDS) == set(SPREADSHEETS) == set(LANGUAGES)


def test_every_language_may_be_configured() -> None:
    for language in LANGUAGES:
        assert settings({"language": language}).language == language
