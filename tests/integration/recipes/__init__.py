"""Recipes of docs/contributing/, followed in a copy of the project."""
