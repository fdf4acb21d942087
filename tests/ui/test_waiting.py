"""Work that is waited for: told of meanwhile, left and found again."""

from __future__ import annotations

from threading import Event

import pytest

from explorer.errors import CaptureError
from explorer.progress import tell, told_to
from explorer.ui.waiting import Waiting, awaited


class Interrupted(BaseException):
    """As Streamlit raises it in the middle of a run."""


def test_what_is_left_goes_on_and_is_there_when_it_is_asked_for_again() -> None:
    go, begun, of = Event(), list[int](), object()

    def work() -> str:
        begun.append(1)
        tell(0.5, "half of it")
        assert go.wait(30)
        return "done"

    def told(share: float, words: str) -> None:
        if words.startswith("half of it, "):
            raise Interrupted

    with told_to(told), pytest.raises(Interrupted):
        awaited(of, "at it", work)
    go.set()
    assert awaited(of, "at it", work) == "done" and len(begun) == 1
    assert awaited(object(), "at it", work) == "done" and len(begun) == 2


def test_what_goes_wrong_is_raised_and_tried_anew_the_next_time() -> None:
    def work() -> None:
        raise CaptureError("no")

    for _ in range(2):
        with pytest.raises(CaptureError, match="no"):
            awaited("of", "at it", work)
    assert awaited("of", "at it", lambda: 3) == 3


def test_of_one_kind_the_last_is_done() -> None:
    waiting, done = Waiting(), list[str]()
    for kind, name in (("enter", "train"), ("", "edit"), ("enter", "step")):
        waiting.later(lambda name=name: done.append(name), kind)
    waiting.catch_up()
    assert done == ["edit", "step"] and not waiting.is_waiting
