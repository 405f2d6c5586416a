"""sms: text messages, and the gateways that may be named there, each with its section."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated

from pydantic import Field

from callcentre.config.check_context import CheckContext
from callcentre.config.findings import Finding, error, warning
from callcentre.config.parts import Choice, Keys, Part
from callcentre.config.scalars import Maybe, PermanentSection, Switch, Text, whole
from callcentre.config.settings import Settings
from callcentre.config.telephone import ReplyNumber, Sender
from callcentre.config.times import Window
from callcentre.kernel.limits.settings import CapsSettings
from callcentre.kernel.retention.settings import Kept, RetentionSettings
from callcentre.messaging.gateways import GATEWAYS
from callcentre.messaging.gateways.gateway import GatewayType
from callcentre.web.settings import HttpSettings


class SmsSettings(PermanentSection):
    """Text messages."""

    gateway: Text = Field(
        examples=["console"],
        description="The SMS gateway.",
    )
    sender: Sender = Field(
        examples=["Neuvonta"],
        description="The sender of texts that need no answer. Recipients cannot reply to an alphanumeric sender ID.",
    )
    reply_number: Maybe[ReplyNumber] = Field(
        None, description="The sender of texts that can be answered; null: no text may ask for an answer."
    )
    reply_is_free: Switch = Field(
        default=False, description="true: a reply costs the person nothing, as agreed with the operator."
    )
    per_second: Annotated[int, whole(1, 10_000)] = Field(
        20, description="The most texts that are handed to the gateway in a second."
    )
    per_day: Annotated[int, whole(1)] = Field(
        5000,
        description="The most texts in a day. Past it texts are refused, and an alarm is raised. Welcomes and surveys "
        "leave a tenth to promised texts.",
    )
    per_number_per_day: Annotated[int, whole(1)] = Field(
        20, description="The most texts to one number in a day. Answers to its own texts may use half of them."
    )
    quiet_hours: Maybe[Window] = Field(
        None, description='Texts are held until these hours end, unless stale, such as "21:00-07:00"; null: none.'
    )


def _own_numbers(sms: SmsSettings) -> Iterator[str]:
    yield sms.sender
    if sms.reply_number is not None:
        yield sms.reply_number


PARTS = (
    Part(
        of=Settings, key="sms", section=SmsSettings, own_numbers=_own_numbers, before="numbers",
        example={"gateway": "console", "sender": "Neuvonta"}, description="Text messages.",
    ),
    *(
        Part(
            of=SmsSettings, key=gateway.name, section=gateway.section, before="sender",
            description=f"Needed when the gateway is {gateway.name}.",
        )
        for gateway in GATEWAYS
        if gateway.section is not None
    ),
)  # fmt: skip

_NAMES = tuple(gateway.name for gateway in GATEWAYS)

CHOICES = (
    Choice(
        of=SmsSettings,
        key="gateway",
        values=_NAMES,
        description=f"The SMS gateway: {', '.join(name for name in _NAMES if name != 'console')}, or console, "
        "which prints texts for trying out.",
    ),
)


def type_of(settings: Settings) -> GatewayType:
    """The gateway type that the settings name. Raises LookupError for one that does not exist."""
    name = settings.section(SmsSettings).gateway
    for gateway in GATEWAYS:
        if gateway.name == name:
            return gateway
    raise LookupError(f"sms.gateway {name} does not exist")


def findings(settings: Settings) -> Iterator[Finding]:
    """Combinations in the settings of texts that cannot work, or that were probably not meant."""
    gateway = type_of(settings)
    if gateway.has_hooks and settings.section(HttpSettings).hook_token is None:
        yield warning(
            ("http", "hook_token"),
            f"is missing: {gateway.name} gets http.token in the addresses of hooks, so whoever reads its logs "
            "may use /api; give hooks a token of their own",
            ("http", "token"),
        )
    if gateway.section is not None:
        section, path = settings.section(SmsSettings).section(gateway.section), ("sms", gateway.name)
        if section is None:
            yield error(("sms", "gateway"), f"{gateway.name} needs sms.{gateway.name} with {gateway.needs}", path)
        else:
            hook = f"/hooks/{gateway.name}/dlr"
            if not getattr(section, "report_url", hook).endswith(hook):
                yield warning((*path, "report_url"), f"does not end with {hook}, where the daemon awaits reports")
            if gateway.findings is not None:
                yield from gateway.findings(section, CheckContext(path, settings))
    if "mobile" not in settings.numbers.text:
        yield warning(("numbers", "text"), "leaves out mobile: hardly any text will be sent")


class TextCaps(PermanentSection):
    """How many texts the services of an organisation may send. It is a key of its `caps`."""

    texts_per_day: Maybe[Annotated[int, whole(1)]] = Field(
        None,
        description="The most texts in a day of all its services. Past it their texts are refused; null: only "
        "sms.per_day limits them.",
    )


class TextRetention(PermanentSection):
    """How long the records of texts lead to people. It is a key of `retention`."""

    messages: Maybe[Kept] = Field(
        timedelta(days=365),
        description="How long numbers, hashes and ids stay in the records of texts. Figures stay the same.",
    )


KEYS = (Keys(of=RetentionSettings, section=TextRetention), Keys(of=CapsSettings, section=TextCaps))
CHECKS = (findings,)
