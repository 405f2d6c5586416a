"""How the figures of pages are read: in a process beside the daemon."""
