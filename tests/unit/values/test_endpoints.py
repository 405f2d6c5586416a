"""What Asterisk is asked to dial."""

from __future__ import annotations

import pytest

from callcentre.cli.doctor.outgoing import sample_endpoint
from callcentre.values.endpoints import endpoint_for
from tests.unit.rehearsal import settings

MATTI = "+358401112222"


@pytest.mark.parametrize(
    ("endpoint", "dialled"),
    [
        ("PJSIP/{number}@trunk", "PJSIP/+358401112222@trunk"),
        ("PJSIP/{digits}@trunk", "PJSIP/358401112222@trunk"),
        ("PJSIP/trunk/sip:{national}@127.0.0.1", "PJSIP/trunk/sip:0401112222@127.0.0.1"),
        ("Local/9{national}@from-internal/n", "Local/90401112222@from-internal/n"),
    ],
)
def test_the_number_takes_the_place_of_its_placeholder(endpoint: str, dialled: str) -> None:
    assert endpoint_for(endpoint, MATTI, "FI") == dialled


@pytest.mark.parametrize(
    ("endpoint", "sample"),
    [
        ("PJSIP/{number}@trunk", None),
        ("Local/{national}@from-internal/n", ("from-internal", "0412345678")),
        ("Local/9{digits}@out.1/nj", ("out.1", "9358412345678")),
        ("LOCAL/{number}@out/jn", ("out", "+358412345678")),
        ("Local/{digits}/n", ("default", "358412345678")),
    ],
)
def test_a_sample_says_where_in_the_dialplan_a_call_would_go(endpoint: str, sample: tuple[str, ...] | None) -> None:
    assert sample_endpoint(settings({"dialling": {"endpoint": endpoint}})) == sample


def test_the_sample_is_a_number_that_may_be_reached() -> None:
    endpoint = {"endpoint": "Local/{national}@out/n"}
    abroad = settings({"dialling": endpoint, "numbers": {"regions": ["SE"]}})
    assert sample_endpoint(abroad) == ("out", "0046701234567")


def test_without_dialling_there_is_no_sample() -> None:
    assert sample_endpoint(settings({"dialling": None, "services": {"support": {"callback": None}}})) is None
