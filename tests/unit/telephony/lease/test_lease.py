"""The values of the lease, and what the dialplan makes of them."""

from __future__ import annotations

import re

import pytest

from callcentre.telephony.lease.model import ENDED, LONGEST, PERIOD, SECONDS, lapsed, value_of

NOW = 1_795_850_000  # divisible by PERIOD


def passes_by(value: str, epoch: int) -> bool:
    """What the dialplan's expression says of a lease, worked out here. tests/acceptance asks Asterisk itself."""
    expression = lapsed().removeprefix("$[").removesuffix("]")
    expression = expression.replace("${ENV(CALLCENTRE_LEASE)}", value).replace("${EPOCH}", str(epoch))
    expression = re.sub(r"\b0+(?=\d)", "", expression).replace(" = ", " == ").replace("|", "or")
    return bool(eval(expression, {"__builtins__": {}}))


@pytest.mark.parametrize("now", [NOW, NOW + 1, NOW - 1, NOW + PERIOD - LONGEST, NOW + PERIOD // 2])
@pytest.mark.parametrize(
    ("ends_in", "by"),
    [
        (SECONDS, False),
        (1, False),
        (LONGEST, False),
        (0, True),
        (-1, True),
        (-SECONDS, True),
        (LONGEST + 1, True),
        (-PERIOD // 2, True),
        (PERIOD, True),
    ],
)
def test_callers_come_to_us_only_while_the_lease_is_in_force(now: int, ends_in: int, by: bool) -> None:
    assert passes_by(value_of(now + ends_in), now) is by


@pytest.mark.parametrize("value", ["", ENDED])
def test_callers_pass_by_whenever_there_is_no_lease(value: str) -> None:
    assert all(passes_by(value, epoch) for epoch in range(NOW, NOW + PERIOD))


def test_there_are_only_so_many_values_since_the_c_library_keeps_each() -> None:
    values = {value_of(epoch) for epoch in range(NOW - PERIOD, NOW + 2 * PERIOD)}
    assert len(values) == PERIOD
    assert ENDED not in values
    assert all(1 <= int(value) <= PERIOD for value in values)
