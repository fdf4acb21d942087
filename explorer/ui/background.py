"""Work that takes long, done beside the page: how far it is, what came of it, and how to stop it. No Streamlit here."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from threading import Thread
from typing import Generic, TypeVar

from explorer.errors import ExplorerError

LOG = logging.getLogger("explorer")
Found = TypeVar("Found")


class Job(Generic[Found]):
    """Goes through ``steps`` in a thread; each gives its share of the work, what comes next, and what was found so far.

    ``problem`` says in words why it ended early; "" where it did not. A stopped job ends before its next step.
    """

    def __init__(self, steps: Iterator[tuple[float, str, Found]]) -> None:
        self.share, self.words, self.problem = 0.0, "", ""
        self.found: Found | None = None
        self.is_done, self.is_stopped = False, False
        self._steps = steps
        self._thread = Thread(target=self._run, name="explorer job", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self.is_stopped = True

    def join(self, seconds: float | None = None) -> None:
        """Waits for its end."""
        self._thread.join(seconds)

    def _run(self) -> None:
        try:
            for share, words, found in self._steps:
                self.share, self.words, self.found = share, words, found
                if self.is_stopped:
                    break
        except ExplorerError as error:
            self.problem = str(error)
        except Exception as error:
            LOG.exception("Work in the background failed")
            self.problem = f"It stopped with a mistake of the app, not of yours: {type(error).__name__}."
        self.is_done = True
