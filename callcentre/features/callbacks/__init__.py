"""Callbacks: a caller hangs up, keeps the place in the queue, and is called when the turn comes."""
