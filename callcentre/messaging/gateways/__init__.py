"""The SMS gateways. Each is a module in this folder, and a line in `MODULES`."""

from importlib import import_module
from typing import Final

from callcentre.messaging.gateways.gateway import GatewayType

MODULES: Final = (
    "kannel",
    "elks",
    "twilio",
    "console",
)

GATEWAYS: Final[tuple[GatewayType, ...]] = tuple(import_module(f"{__name__}.{name}").GATEWAY for name in MODULES)
"""Every gateway that `sms.gateway` may name."""
