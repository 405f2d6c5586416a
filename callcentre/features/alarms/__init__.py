"""Alarms for the administrator: no phone rings, the gateway accepts no texts, the machine's clock was set."""
