"""Erasing what is known about a person, by what components declare of their tables."""
