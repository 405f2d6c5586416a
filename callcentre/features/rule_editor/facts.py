"""The facts of the configuration file. Nothing of the file is in them."""

from __future__ import annotations

from callcentre.kernel.fact import Fact


class RulesSaved(Fact, frozen=True, tag="rules.saved"):
    """A user saved the configuration file in the browser.

    version: the id of the version that the file is now.
    """

    version: str


class RulesRestored(Fact, frozen=True, tag="rules.restored"):
    """A user went back to an earlier version of the configuration file.

    version: the id of the version that the file is now.
    restored: the id of the version that it was made from.
    """

    version: str
    restored: str
