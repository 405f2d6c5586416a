"""The exceptions of decoding JSON from outside that is not valid JSON."""

from typing import Final

import msgspec

NOT_JSON: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""msgspec raises `RecursionError` for endless nesting, and `UnicodeDecodeError` for octets that are not UTF-8."""
