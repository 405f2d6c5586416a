"""Lets the daemon run for an hour under load and faults, and looks at its memory and for losses: `scripts/soak`."""
