"""The people of the tests: callers with their telephone numbers, agents with their devices.

A test that is about numbers themselves writes them out.
"""

from __future__ import annotations

from typing import Final

MATTI: Final = "+358401112222"
AINO: Final = "+358402223333"
LIISA: Final = "+358403334444"
PEKKA: Final = "+358404445555"
KALLE: Final = "+358405556666"
"""Callers with mobiles."""

KERTTU: Final = "+358912340044"
"""A caller with a landline, which gets no texts."""

ANNA: Final = "PJSIP/agent1"
BO: Final = "PJSIP/agent2"
"""Agents: the devices on which they log on."""

REPLY_NUMBER: Final = "+358451234567"
"""Our own number, to which people answer texts: `sms.reply_number` of the shipped configuration."""
