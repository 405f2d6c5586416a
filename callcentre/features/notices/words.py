"""What is texted in return to an answer, in the words of the administrator or else in ours."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from callcentre.config.templates import TextTemplate, compile_text
from callcentre.messaging.model import Kind

if TYPE_CHECKING:
    from callcentre.features.notices.settings import NotifySettings

VARIABLES: Final = ("service", "number", "cancel_word", "keep_word", "why")
"""What these texts may use. `why` is dialled, cancelled or over, where the callback is not open any more."""


class Reply(StrEnum):
    """What is texted in return."""

    CANCELLED = "cancelled"
    MOVED = "moved"
    REFUSED = "refused"
    HELP = "help"
    LATE = "late"

    @property
    def kind(self) -> Kind:
        """How such a text is sent."""
        return _KINDS[self]


ENDLESS: Final = frozenset({Reply.MOVED, Reply.REFUSED})
"""What may be said again and again, once for each number that is sent; the others are said once or a few times."""

_KINDS: Final = {
    Reply.CANCELLED: Kind.CALLBACK_CANCELLED,
    Reply.MOVED: Kind.CALLBACK_MOVED,
    Reply.REFUSED: Kind.NOTICE_REFUSED,
    Reply.HELP: Kind.NOTICE_HELP,
    Reply.LATE: Kind.NOTICE_LATE,
}

_WORDS: Final = {
    "en": {
        Reply.CANCELLED: "{{ service }}: your callback is cancelled. You are welcome to call us again.",
        Reply.MOVED: "{{ service }}: we will call you back at {{ number }}.",
        Reply.REFUSED: "{{ service }}: we cannot call that number. We will call {{ number }} as agreed.",
        Reply.HELP: "{{ service }}: sorry, we did not understand. Answer {{ cancel_word }} if you do not need the call "
        "any more{% if keep_word %}, {{ keep_word }} if you do{% endif %}, or the number where we should call.",
        Reply.LATE: "{{ service }}: your answer came too late and changed nothing: "
        '{% if why == "dialled" %}we have called you already, or are calling now.'
        '{% elif why == "cancelled" %}your callback was cancelled before.{% else %}your callback is over.{% endif %}',
    },
    "fi": {
        Reply.CANCELLED: "{{ service }}: takaisinsoittosi on peruttu. Voit soittaa meille uudelleen.",
        Reply.MOVED: "{{ service }}: soitamme sinulle numeroon {{ number }}.",
        Reply.REFUSED: "{{ service }}: emme voi soittaa antamaasi numeroon. Soitamme numeroon {{ number }}, "
        "kuten sovittiin.",
        Reply.HELP: "{{ service }}: emme ymmärtäneet vastausta. Vastaa {{ cancel_word }}, jos et enää tarvitse soittoa"
        "{% if keep_word %}, {{ keep_word }}, jos tarvitset{% endif %}, tai numero, johon soitamme.",
        Reply.LATE: "{{ service }}: vastauksesi tuli liian myöhään eikä muuttanut mitään: "
        '{% if why == "dialled" %}olemme jo soittaneet sinulle tai soitamme juuri nyt.'
        '{% elif why == "cancelled" %}takaisinsoittosi oli jo peruttu.'
        "{% else %}takaisinsoittosi on päättynyt.{% endif %}",
    },
    "sv": {
        Reply.CANCELLED: "{{ service }}: din återuppringning är avbeställd. Du kan ringa oss igen.",
        Reply.MOVED: "{{ service }}: vi ringer dig på {{ number }}.",
        Reply.REFUSED: "{{ service }}: vi kan inte ringa det numret. Vi ringer {{ number }} som avtalat.",
        Reply.HELP: "{{ service }}: vi förstod inte svaret. Svara {{ cancel_word }} om du inte längre behöver samtalet"
        "{% if keep_word %}, {{ keep_word }} om du gör det{% endif %}, eller numret som vi ska ringa.",
        Reply.LATE: "{{ service }}: ditt svar kom för sent och ändrade ingenting: "
        '{% if why == "dialled" %}vi har redan ringt dig eller ringer just nu.'
        '{% elif why == "cancelled" %}din återuppringning var redan avbeställd.'
        "{% else %}din återuppringning är avslutad.{% endif %}",
    },
}

SHIPPED: Final = {
    language: {reply: compile_text(words, frozenset(VARIABLES)) for reply, words in texts.items()}
    for language, texts in _WORDS.items()
}
"""By language and reply."""


def template_for(rules: NotifySettings, reply: Reply, language: str) -> TextTemplate:
    """The administrator's words for a reply; ours in the callback's language where there are none."""
    own: TextTemplate | None = getattr(rules, f"{reply.value}_text")
    return own or SHIPPED.get(language, SHIPPED["en"])[reply]
