"""Reads for the pages: beside the engine, and each visitor only what is theirs."""
