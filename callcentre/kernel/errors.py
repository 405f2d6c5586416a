"""The error of a database that cannot be used."""


class StoreError(Exception):
    """The database cannot be used; the text says why and what to do."""
