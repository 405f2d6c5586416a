"""What visitors may find and see."""

from __future__ import annotations

from typing import Final

from callcentre.web.rights import SUPERVISORS, VIEWERS, Right

FIND: Final = Right("search.find", "Search calls, callbacks and texts", VIEWERS)
SEE_CALLS: Final = Right("calls.see", "See what happened to the calls of one's services", VIEWERS)
SEE_MESSAGES: Final = Right("messages.see", "See the texts of one's services and what became of them", VIEWERS)
SEE_PEOPLE: Final = Right("people.see", "Search people, and see everything that happened about a person", SUPERVISORS)
SHOW_NUMBERS: Final = Right("numbers.show", "See full numbers. Each time is recorded, with the reason", SUPERVISORS)
