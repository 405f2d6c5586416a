"""The callbacks as a component."""

from callcentre.assembly import CALLBACKS as COMPONENT

__all__ = ["COMPONENT"]
