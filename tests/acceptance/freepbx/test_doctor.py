"""What `callcentre doctor` says of a FreePBX: nothing when it is as it should be, and what to type when it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from callcentre.configuration import read
from callcentre.telephony import dialplan
from tests.acceptance.scene import examined
from tests.testbed.bed import FreePbxBed
from tests.testbed.freepbx import SUPPORT, FreePbx
from tests.testbed.phones import PhoneNetwork

BY_ROUTES = {"dialling": {"endpoint": "Local/{national}@from-internal/n"}}
"""As FreePBX's outbound routes want numbers."""


async def test_the_doctor_finds_nothing_when_callers_come_by_ext_queues(
    bed: FreePbxBed, pbx: FreePbx, network: PhoneNetwork, tmp_path: Path
) -> None:
    file = bed.configure(tmp_path / "config.yaml", BY_ROUTES).file
    await bed.install(file)
    await pbx.log_on(SUPPORT, "1001")
    await pbx.log_on(SUPPORT, "1002")
    await pbx.pause(SUPPORT, "1002")
    said = await examined(file)
    assert not said.faults
    assert said.note("dialplan for this configuration") == "printed with --pbx freepbx"
    assert said.note(f"agents of queue {SUPPORT}") == "2 logged on, 2 of them reachable, 1 ready"
    assert not network.agent("1001").rung


async def test_the_doctor_says_what_is_wrong_with_a_dialplan_that_was_printed_for_no_freepbx(
    bed: FreePbxBed, pbx: FreePbx, tmp_path: Path
) -> None:
    file = bed.configure(tmp_path / "config.yaml", BY_ROUTES).file
    await bed.install(file)
    pbx.write("callcentre.conf", dialplan.extensions(read(file).settings, 22))
    await pbx.reload("pbx_config.so")
    await pbx.log_on(SUPPORT, "1001")
    faults = (await examined(file)).faults
    assert set(faults) == {f"agents of queue {SUPPORT}"}
    assert "Local/1001@from-queue/n cannot ring" in faults[f"agents of queue {SUPPORT}"]
    assert "`callcentre dialplan --pbx freepbx`" in faults[f"agents of queue {SUPPORT}"]


@pytest.mark.parametrize(
    ("written", "fault"),
    [("{number}", "has no extension for +358"), ("{digits}", "no outbound route of FreePBX takes 358")],
)
async def test_the_doctor_finds_numbers_that_no_outbound_route_takes(
    bed: FreePbxBed, tmp_path: Path, written: str, fault: str
) -> None:
    """FreePBX answers any digits in from-internal, with an announcement where no route takes them."""
    endpoint = f"Local/{written}@from-internal/n"
    file = bed.configure(tmp_path / "config.yaml", {"dialling": {"endpoint": endpoint}}).file
    await bed.install(file)
    faults = (await examined(file)).faults
    assert set(faults) == {"dialling.endpoint"}
    assert fault in faults["dialling.endpoint"]
