"""The SMS gateways. Each is a module in this folder, and a line in `MODULES`."""

from importlib import import_module
from typing import Final

from callcentre.config.settings import Settings
from callcentre.messaging.gateways.gateway import Gateway, GatewayType
from callcentre.web.settings import HttpSettings

MODULES: Final = (
    "kannel",
    "elks",
    "twilio",
    "console",
)

GATEWAYS: Final[tuple[GatewayType, ...]] = tuple(import_module(f"{__name__}.{name}").GATEWAY for name in MODULES)
"""Every gateway that `sms.gateway` may name."""


def type_of(settings: Settings) -> GatewayType:
    """The gateway type that the settings name. Raises LookupError for one that does not exist."""
    for gateway in GATEWAYS:
        if gateway.name == settings.sms.gateway:
            return gateway
    raise LookupError(f"sms.gateway {settings.sms.gateway} does not exist")


def gateway_of(settings: Settings) -> Gateway:
    """The gateway that the settings name, ready to send."""
    gateway = type_of(settings)
    section = None if gateway.section is None else settings.sms.section(gateway.section)
    return gateway.make(section, settings.section(HttpSettings).token_of_hooks)
