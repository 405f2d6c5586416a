"""What the reader sees: lines with a clock, and long ones folded under themselves."""

from __future__ import annotations

import os
import sys
import textwrap
import time
from collections.abc import Callable

WIDTH = 110
_NAME = 11


class Teller:
    """Prints. `began` is the wall clock (epoch seconds) at the start of the whole."""

    def __init__(self, began: float, *, gone: Callable[[], None]) -> None:
        self._zero = time.monotonic() - max(0.0, time.time() - began)
        self._gone = gone
        self._bold = sys.stdout.isatty() and "NO_COLOR" not in os.environ

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.monotonic() - self._zero

    def scene(self, title: str, lead: str) -> None:
        """A heading, and in a sentence or two what it is about."""
        self._print(f"\n\033[1m{title}\033[0m" if self._bold else f"\n{title}")
        self.note(lead)

    def note(self, text: str) -> None:
        """The story's own words, without a clock."""
        self._print(textwrap.fill(text, WIDTH, initial_indent="  ", subsequent_indent="  "))

    def line(self, who: str, what: str) -> None:
        """Something that was just seen."""
        head = f"{self.seconds:6.1f}  {who:<{_NAME}} "
        self._print(textwrap.fill(what, WIDTH, initial_indent=head, subsequent_indent=" " * len(head)))

    def verbatim(self, text: str) -> None:
        """What a program wrote, as it wrote it."""
        for line in text.splitlines():
            self._print(f"    {line}".rstrip())

    def _print(self, text: str) -> None:
        try:
            print(text, flush=True)
        except OSError:
            # What is left in the buffer would be complained of once more at the end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            self._gone()
