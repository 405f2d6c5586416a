"""Attacks on a running daemon: each was tried once in earnest, and must not succeed again."""
