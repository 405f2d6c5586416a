"""The words that the gateway itself treats as an opt-out, whatever the configuration makes of them."""

from __future__ import annotations

from callcentre.cli.doctor.finding import Finding
from callcentre.config.settings import Settings
from callcentre.features.notices.settings import NotifySettings
from callcentre.messaging.settings import type_of


def judged(settings: Settings) -> list[Finding]:
    """The findings about the gateway's own words; none for a gateway that has no such words.

    It is only a note, since the account may have other words, and nothing shows that.
    """
    theirs = type_of(settings).opt_out
    if theirs is None:
        return []
    note = (
        f"{theirs.title} itself takes {', '.join(theirs.words)}, as a whole text, for an end of all texts to that "
        f"number, unless {theirs.unless}"
    )
    for name, service in settings.services.items():
        notify = service.section(NotifySettings)
        words = notify.cancel_words if notify is not None and notify.two_way else ()
        taken = [word for word in words if word.upper() in theirs.words]
        if taken:
            note += (
                f"; services.{name}.notify.cancel_words has {', '.join(taken)}: who cancels a callback with it gets no "
                "texts any more. Take another word"
            )
    return [Finding(f"words of {theirs.title}", note=note)]
