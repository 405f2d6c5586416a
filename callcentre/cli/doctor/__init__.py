"""`callcentre doctor`: asks everything that the daemon depends on, and says of each fault what to type.

A module for each area. Each asks what it needs and then judges with a pure function, so that every verdict has its line
in a table of a test.
"""

from callcentre.cli.doctor.examination import examine
from callcentre.cli.doctor.finding import Finding

__all__ = ["Finding", "examine"]
