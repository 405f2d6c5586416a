"""Limits per person and day: where the counts are kept, and when they are dropped."""
