"""Alarms for the administrator: agents are ready and no phone rings, or the machine's clock was set."""
