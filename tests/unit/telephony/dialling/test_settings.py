"""Checks of dialling: an endpoint that would call us."""
# ruff: noqa: E501, a table is read by its rows

import pytest

from tests.unit.config.files import changed, mistakes

ERRORS = [
    ("endpoint: PJSIP/{number}@trunk", "endpoint: Local/{number}@callcentre-queue/n", "dialling.endpoint: runs our own dialplan, so that our calls come back to us: callcentre-queue; name the context by which your PBX dials out"),
    ("endpoint: PJSIP/{number}@trunk", "endpoint: local/{digits}@callcentre-callback/n", "dialling.endpoint: runs our own dialplan, so that our calls come back to us: callcentre-callback; name the context by which your PBX dials out"),
    ("endpoint: PJSIP/{number}@trunk", "endpoint: PJSIP/{number}@0912345678", "dialling.endpoint: calls our own number +358912345678; write the trunk there"),
    ("endpoint: PJSIP/{number}@trunk", "endpoint: SIP/+358451234567/{digits}", "dialling.endpoint: calls our own number +358451234567; write the trunk there"),
    ("endpoint: PJSIP/{number}@trunk", "endpoint: Local/{national}@358912345678/n", "dialling.endpoint: calls our own number +358912345678; write the trunk there"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "mistake"), ERRORS)
def test_what_does_not_go_together_is_a_mistake(old: str, new: str, mistake: str) -> None:
    assert mistakes(changed(old, new)) == [mistake]
