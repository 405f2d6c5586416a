"""The agents' page, served over a real database."""
