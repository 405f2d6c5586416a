"""What people write comes into exports and lists: no formula, whichever separator, and nothing that acts."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import openpyxl

from tests.acceptance.conftest import StartDaemon
from tests.acceptance.scene import calls_in, masked, ran
from tests.cast import MATTI, REPLY_NUMBER
from tests.testbed.configuration import merged, shipped
from tests.testbed.kannel import Kannel
from tests.testbed.pbx import SUPPORT_NUMBER, Pbx
from tests.testbed.phones import PhoneNetwork

ANSWER = "hyvä;=1+1,@SUM(A1)|＝2\n-3\u202e\u2028+4 \x1b[2J"
AGENT = "=Anna;=1+1"
ACTING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
FORMULA = tuple("=+-@＝＋－＠")


def cells(text: str, separator: str) -> list[str]:
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=separator)
    return [cell.strip() for row in rows for cell in row]


async def test_no_answer_of_a_phone_and_no_name_is_a_formula_or_acts_in_any_export(
    start_daemon: StartDaemon, network: PhoneNetwork, kannel: Kannel, pbx: Pbx, tmp_path: Path
) -> None:
    why = {"id": "why", "text": "Miksi?", "answers": None, "metric": "none"}
    survey = shipped()["services"]["support"]["survey"]
    asked = merged(survey, {"after": "1s", "min_talk": "0s", "questions": [why]})
    daemon = await start_daemon({"services": {"support": {"welcome": None, "survey": asked}}})
    await pbx.log_on("support", "agent1", name=AGENT)
    call = await calls_in(network, daemon, MATTI, SUPPORT_NUMBER)
    await (await network.agent("agent1").rings()).answer()
    await daemon.fact("queue.answered", number=masked(MATTI))
    await call.hang_up()
    ended = await daemon.fact("call.ended", number=masked(MATTI))
    await kannel.phone(MATTI).receives()
    await kannel.send_text(MATTI, REPLY_NUMBER, ANSWER)
    await daemon.fact("survey.answered")

    file = ("-c", daemon.file)
    written = [
        (await ran(*command, *file)).output
        for command in (
            ("export", "surveys"),
            ("export", "surveys", "--for-spreadsheet", "fi"),
            ("export", "surveys", "--separator", "tab", "--bom"),
            ("stats", "--by", "agent", "--format", "csv", "--for-spreadsheet", "sv"),
            ("timeline", ended["call"], "--format", "csv"),
        )
    ]
    for text in written:
        assert "Anna" in text
        assert not ACTING.search(text.replace("\t", " "))
        for separator in ",;|\t":
            assert [cell for cell in cells(text, separator) if cell.startswith(FORMULA)] == []
    assert all("hyvä;'=1+1" in text for text in written[:3])
    assert [text.startswith("\ufeff") for text in written] == [False, True, True, True, False]
    assert "'=Anna;'=1+1" in cells(written[1], ";")

    for command in (("export", "surveys", "--format", "table"), ("timeline", ended["call"])):
        assert not ACTING.search((await ran(*command, *file)).output)
    workbook = tmp_path / "surveys.xlsx"
    assert (await ran("export", "surveys", "--format", "xlsx", "--output", workbook, *file)).code == 0
    texts = [cell for row in openpyxl.load_workbook(workbook).active.iter_rows(min_row=2) for cell in row]
    assert AGENT in [cell.value for cell in texts if cell.data_type == "s" and cell.quotePrefix]
    assert [cell.value for cell in texts if cell.data_type == "f"] == []
