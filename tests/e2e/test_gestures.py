"""Random gestures: nothing is printed to the console, and what a gesture does not mean stays as it was.

``GESTURES=1000 pytest tests/e2e/test_gestures.py`` makes more of them, ``SEED=7`` others.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from tests.e2e.canvas import Canvas
from tests.e2e.gestures import Gestures

GPT_SORT = "?model=gpt-sort&prompt=CABBAC%3E&loss=logit"
COUNT = int(os.environ.get("GESTURES", "80"))
SEED = int(os.environ.get("SEED", "1"))


def test_random_gestures_keep_what_they_do_not_mean(open_page: Callable[..., Canvas]) -> None:
    canvas = open_page(path=GPT_SORT, reduced_motion="reduce")
    gestures = Gestures(canvas, SEED)
    gestures.make(COUNT)
    assert gestures.made.total() == COUNT
    assert len(gestures.made) > 8, gestures.made
