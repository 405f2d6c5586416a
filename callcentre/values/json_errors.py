"""What decoding JSON raises for octets from outside that are not the JSON that is expected."""

from typing import Final

import msgspec

NOT_JSON: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""msgspec raises `RecursionError` for nesting without end, and `UnicodeDecodeError` for what is not UTF-8."""
