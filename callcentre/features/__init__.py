"""The features of the product: one folder each, listed in `app.py`."""
