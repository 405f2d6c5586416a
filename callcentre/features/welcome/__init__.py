"""The welcome: a text to callers who join a busy queue."""
