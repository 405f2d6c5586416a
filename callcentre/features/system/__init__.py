"""The page of the system: alarms with their remedies, and what `callcentre doctor` finds."""
