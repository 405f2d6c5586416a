"""Alarms for the administrator: no phone rings although agents are ready, or the machine's clock was set."""
