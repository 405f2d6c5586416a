"""Kills the daemon at every boundary and at random moments, and checks that every promise is kept: `scripts/chaos`."""
