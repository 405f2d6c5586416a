"""Sections that components add to the file: their order, their defaults, and how they are read."""

import pickle

import pytest
from pydantic import Field, ValidationError

from callcentre import configuration
from callcentre.config.parts import FileShape, Keys, Part
from callcentre.config.scalars import PermanentSection, Section, Switch, Text
from callcentre.config.settings import Settings
from callcentre.config.texts import texts
from callcentre.configuration import parse
from callcentre.messaging.gateways.kannel import Kannel
from callcentre.messaging.settings import SmsSettings
from callcentre.telephony.settings import AriSettings
from tests.unit.config.files import SHIPPED, SMALLEST, settings


class Lamp(PermanentSection):
    """Always there."""

    lit: Switch = Field(default=True, description="On.")


class Bulb(Section):
    """A part of a part."""

    colour: Text = Field("white", description="Its colour.")


class Switches(PermanentSection):
    """Keys without a section around them."""

    first: Switch = Field(default=False, description="The first.")
    second: Switch = Field(default=True, description="The second.")


SHAPE = FileShape(
    parts=(
        Part(of=Settings, key="lamp", section=Lamp, before="numbers", description="A lamp."),
        Part(of=Lamp, key="bulb", section=Bulb, description="A bulb."),
        Part(of=Settings, key="last", section=Bulb, own_numbers=lambda _bulb: ["0912345670"], description="A number."),
    ),
    keys=(Keys(of=Settings, section=Switches, before="region"),),
)  # fmt: skip
BARE = {"timezone": "UTC", "region": "FI", "language": "en", "numbers": {"regions": ["FI"]}}
SERVICES = {"support": {"queue": "support", "name": {"en": "Help"}}}


def built(**more: object) -> Settings:
    """Settings of a file with a lamp."""
    return SHAPE.model.model_validate({**BARE, "services": SERVICES, **more})


def test_a_part_is_before_the_key_that_it_names_or_last() -> None:
    order = [
        "timezone",
        "first",
        "second",
        "region",
        "language",
        "lamp",
        "numbers",
        "organisations",
        "services",
        "last",
    ]
    assert list(SHAPE.model.model_fields) == order


def test_texts_and_findings_of_parts_come_in_the_same_order() -> None:
    sections = [text.path[2] for text in texts(settings(SHIPPED), configuration.FILE)]
    assert list(dict.fromkeys(sections)) == ["welcome", "callback", "notify", "survey"]


def test_a_permanent_section_has_its_defaults_where_the_file_does_not_have_it() -> None:
    assert built().section(Lamp).lit is True
    assert built(lamp={"lit": False}).section(Lamp).lit is False
    assert built().section(Bulb) is None


def test_a_part_may_have_parts() -> None:
    bulb = built(lamp={"bulb": {"colour": "red"}}).section(Lamp).section(Bulb)
    assert bulb is not None
    assert bulb.colour == "red"


def test_keys_without_a_section_around_them_are_read_by_their_class() -> None:
    found = built(first=True).section(Switches)
    assert (found.first, found.second) == (True, True)
    with pytest.raises(ValidationError):
        built(first="perhaps")


def test_a_permanent_section_that_no_component_added_is_a_mistake_of_the_program() -> None:
    with pytest.raises(LookupError, match="AriSettings is not a part of Settings"):
        built().section(AriSettings)


def test_a_part_that_is_set_names_numbers_of_ours() -> None:
    assert built().own_numbers == frozenset()
    assert built(last={}).own_numbers == {"+358912345670"}


def test_settings_reach_another_process_whole() -> None:
    before = settings(SHIPPED)
    after = pickle.loads(pickle.dumps(before))
    assert after == before
    assert after.section(SmsSettings).section(Kannel) == before.section(SmsSettings).section(Kannel)
    assert type(after.section(SmsSettings)) is vars(configuration)["SmsSettings"]


def test_reading_a_section_copies_nothing() -> None:
    found = parse(SMALLEST, {}).settings
    assert found.section(SmsSettings) is found.section(SmsSettings)
