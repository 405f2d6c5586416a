"""sms: the gateways that may be named there, each with its section."""

from collections.abc import Iterator

from callcentre.config.check_context import CheckContext
from callcentre.config.findings import Finding, error, warning
from callcentre.config.parts import Choice, Part
from callcentre.config.sections import Sms
from callcentre.config.settings import Settings
from callcentre.messaging.gateways import GATEWAYS, type_of
from callcentre.web.settings import HttpSettings

PARTS = tuple(
    Part(of=Sms, key=gateway.name, section=gateway.section, description=f"Needed when the gateway is {gateway.name}.")
    for gateway in GATEWAYS
    if gateway.section is not None
)

_NAMES = tuple(gateway.name for gateway in GATEWAYS)

CHOICES = (
    Choice(
        of=Sms,
        key="gateway",
        values=_NAMES,
        description=f"The SMS gateway: {', '.join(name for name in _NAMES if name != 'console')}, or console, "
        "which prints texts for trying out.",
    ),
)


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
        section, path = settings.sms.section(gateway.section), ("sms", gateway.name)
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


CHECKS = (findings,)
