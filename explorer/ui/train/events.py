"""What the canvas asks of training, and what is done about it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from explorer.errors import DataError
from explorer.training.fitted import added, moved, removed
from explorer.training.threads import few_threads

if TYPE_CHECKING:
    from explorer.ui.train.share import Training

AS_MANY_AS_FIT = 1_000_000


def answer(training: Training, event: Mapping[str, Any]) -> bool:
    """True: the event is one of training, whatever it asks."""
    what, count = str(event.get("do")), _whole(event.get("n"))
    if what == "more" and event.get("rev") != training.session.view.rev:
        return True  # The canvas asked twice, and has been answered.
    with few_threads(training.size):
        _act(training, event, what, count)
    return True


def _act(training: Training, event: Mapping[str, Any], what: str, count: int | None) -> None:
    if what == "point":
        return _point(training, event)
    acts: Mapping[str, Callable[[], None]] = {
        "more": lambda: _more(training, count),
        "step": lambda: _jump(training, count or 1),
        "show": lambda: _scrub(training, count or 0, bool(event.get("final", True))),
        "play": lambda: training.play(count),
        "pause": training.pause,
        "reset": training.reset,
        "picture": lambda: training.see(event.get("kind")),
    }
    if what in acts:
        acts[what]()
        training.session.redraw()
    return None


def _whole(number: object) -> int | None:
    return int(number) if isinstance(number, int | float) and math.isfinite(number) else None


def _more(training: Training, count: int | None) -> None:
    """The next picture: steps while it plays, else a part of what is still worked out."""
    if training.playing:
        training.step(AS_MANY_AS_FIT if count is None else count)
    elif training.pictures.work():
        training.session.is_behind = True


def _jump(training: Training, count: int) -> None:
    if count < 0:
        training.show(training.at + count)
    else:
        training.step(count, seconds=1.0)
    training.pause()


def _scrub(training: Training, step: int, final: bool) -> None:
    training.pause()
    training.show(step)
    training.session.dragging, training.session.is_behind = not final, final


def _point(training: Training, event: Mapping[str, Any]) -> None:
    """A point of the data set was moved, added or removed; the canvas speaks of places in its plane."""
    points, final = training.points, bool(event.get("final", True))
    if points is None:
        return
    try:
        index, x, y, target = (float(event.get(key, 0)) for key in ("index", "x", "y", "target"))
        if event.get("what") == "move":
            training.fit(moved(points, int(index), x, y))
        elif event.get("what") == "add":
            training.fit(added(points, x, y, target))
        elif event.get("what") == "remove":
            training.fit(removed(points, int(index)))
    except (DataError, TypeError, ValueError) as problem:
        training.problem = problem if isinstance(problem, DataError) else training.problem
    training.session.dragging, training.session.is_behind = not final, final and not training.playing
