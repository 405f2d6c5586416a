"""Limits per person and day: where the counts are stored, and when they are deleted."""
