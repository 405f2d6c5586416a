"""What the product does: a folder each, put together in `app.py`."""
