"""Keeps the words that the project has replaced out of code, tests, scripts and documentation."""
