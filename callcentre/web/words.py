"""The words of pages in each language: gettext catalogues (`locale/*.po`) of the packages that have pages.

The identifier of a message is its English text.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from typing import Final

from callcentre.values.languages import LANGUAGES

ENGLISH: Final = "en"


def translations(packages: Iterable[str]) -> dict[str, NullTranslations]:
    """The words of these packages by language. Reading them takes some tens of milliseconds."""
    found: dict[str, NullTranslations] = {ENGLISH: NullTranslations()}
    packages = tuple(packages)
    for language in LANGUAGES:
        if language != ENGLISH:
            found[language] = _merged(packages, language)
    return found


def _merged(packages: Iterable[str], language: str) -> NullTranslations:
    # Babel is imported with the first page: no start waits for it.
    from babel.messages.catalog import Catalog
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    whole = Catalog(language)
    for package in packages:
        file = files(package) / "locale" / f"{language}.po"
        if file.is_file():
            for message in read_po(io.BytesIO(file.read_bytes()), locale=language):
                if message.id:
                    whole.add(message.id, message.string, context=message.context)
    compiled = io.BytesIO()
    write_mo(compiled, whole)
    compiled.seek(0)
    return GNUTranslations(compiled)


def message(text: str) -> str:
    """Mark a text as a gettext message, where it is translated later: `from … import message as _`."""
    return text
