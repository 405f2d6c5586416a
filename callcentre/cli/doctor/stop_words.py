"""The words that the gateway itself takes for an end of all texts, whatever the configuration makes of them."""

from __future__ import annotations

from callcentre.cli.doctor.finding import Finding
from callcentre.config.settings import Settings
from callcentre.messaging.words import TWILIO_OPT_OUT


def judged(settings: Settings) -> list[Finding]:
    """What is to be known of the gateway's own words; nothing for a gateway that has none.

    It stays a note: the account at Twilio may have an "Advanced Opt-Out" with other words, and nothing tells.
    """
    if settings.sms.gateway != "twilio":
        return []
    note = (
        f"Twilio itself takes {', '.join(TWILIO_OPT_OUT)}, as a whole text, for an end of all texts to that number, "
        "unless the account has an Advanced Opt-Out with other words"
    )
    for name, service in settings.services.items():
        words = service.notify.cancel_words if service.notify is not None and service.notify.two_way else ()
        taken = [word for word in words if word.upper() in TWILIO_OPT_OUT]
        if taken:
            note += (
                f"; services.{name}.notify.cancel_words has {', '.join(taken)}: who cancels a callback with it gets no "
                "texts any more. Take another word"
            )
    return [Finding("words of Twilio", note=note)]
