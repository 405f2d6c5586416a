"""Statistics in the browser, over a real database."""
