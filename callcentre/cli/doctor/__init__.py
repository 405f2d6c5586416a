"""`callcentre doctor`: examines everything that the daemon depends on, and says how to fix each fault.

There is a module for each area. Each reads what it needs and then judges with a pure function, so that every finding
has a line in a table of a test.
"""

from callcentre.cli.doctor.examination import examine
from callcentre.cli.doctor.finding import COLUMNS, Finding, about, warning

__all__ = ["COLUMNS", "Finding", "about", "examine", "warning"]
