"""What other components may ask about notices. Nothing here changes anything."""

from callcentre.features.notices.policy import is_announced_at_once

__all__ = ["is_announced_at_once"]
