"""Notices: customers are told that their callback is near, and say whether they still want it."""
