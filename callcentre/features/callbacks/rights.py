"""What visitors may see and do of callbacks."""

from __future__ import annotations

from typing import Final

from callcentre.web.rights import SUPERVISORS, VIEWERS, Right

SEE_CALLBACKS: Final = Right("callbacks.see", "See the open callbacks of one's services and their stories", VIEWERS)
CHANGE_CALLBACKS: Final = Right("callbacks.change", "Request, change and cancel callbacks", SUPERVISORS)
