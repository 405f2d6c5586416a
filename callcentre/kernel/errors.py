"""The errors of a database that cannot be used."""


class StoreError(Exception):
    """The database cannot be used; the text says why and what to do."""


class InUse(StoreError):  # noqa: N818
    """Another daemon of this name uses the database."""


class Superseded(StoreError):  # noqa: N818
    """Another daemon of this name has used the database since. What this one has in memory is not true any more."""


class Moved(OSError):  # noqa: N818
    """The path of the open database has another file or none. What is stored now would not be found after a restart."""
