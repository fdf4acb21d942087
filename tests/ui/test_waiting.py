"""Work that is waited for: told of meanwhile, left and found again."""

from __future__ import annotations

from threading import Event, Thread

import pytest

from explorer.errors import CaptureError
from explorer.progress import tell, told_to
from explorer.ui.waiting import AT_ONCE_SECONDS, Waiting, awaited


class Interrupted(BaseException):
    """As Streamlit raises where the user goes on while a page is being made."""


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


def test_what_is_quick_is_done_now_and_what_is_not_later(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting, done = Waiting(), list[str]()
    now = iter(range(100))
    monkeypatch.setattr("explorer.ui.waiting.monotonic", lambda: next(now))

    def work(name: str, words: int) -> None:
        done.append(f"{name} begun")
        for _ in range(words):
            tell(0.5, "at it")
        done.append(f"{name} done")

    waiting.soon(lambda: work("quick", 0))
    assert done == ["quick begun", "quick done"] and not waiting.is_waiting
    waiting.soon(lambda: work("long", 1))
    assert done[2:] == ["long begun"] and waiting.is_waiting
    waiting.catch_up()
    assert done[3:] == ["long begun", "long done"] and not waiting.is_waiting


def test_what_was_stopped_is_given_up_and_what_was_interrupted_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    for pause, wanted in ((0.1, ["begun", "begun", "done"]), (AT_ONCE_SECONDS + 0.1, ["begun", "given up"])):
        waiting, done, now = Waiting(), list[str](), [0.0]
        monkeypatch.setattr("explorer.ui.waiting.monotonic", lambda now=now: now[0])

        def work(done: list[str] = done) -> None:
            done.append("begun")
            tell(0.5, "at it")
            done.append("done")

        def interrupt(*_: object) -> None:
            raise Interrupted

        waiting.later(work, given_up=lambda done=done: done.append("given up"))  # type: ignore[misc]
        with told_to(interrupt), pytest.raises(Interrupted):
            waiting.catch_up()
        now[0] += pause
        waiting.catch_up()
        assert done == wanted and not waiting.is_waiting


def test_what_is_next_waits_until_what_is_left_is_left() -> None:
    """Streamlit begins to make the page anew while the thread before still has to hear of it."""
    waiting, said, begun, stopped = Waiting(), list[str](), Event(), Event()

    def work() -> None:
        begun.set()
        try:
            assert stopped.wait(30)
            raise Interrupted
        finally:
            said.append("left")

    def first() -> None:
        with pytest.raises(Interrupted):
            waiting.catch_up()

    waiting.later(work, given_up=lambda: said.append("given up"))
    thread = Thread(target=first)
    thread.start()
    assert begun.wait(30)
    other = Thread(target=waiting.give_up)
    other.start()
    stopped.set()
    thread.join(30)
    other.join(30)
    assert said == ["left", "given up"] and not waiting.is_waiting


def test_what_is_nearly_done_is_not_begun_again(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting, done = Waiting(), list[str]()
    now = iter(range(100))
    monkeypatch.setattr("explorer.ui.waiting.monotonic", lambda: next(now))

    def work() -> None:
        done.append("begun")
        tell(0.9, "at it")
        done.append("done")

    waiting.soon(work)
    assert done == ["begun", "done"] and not waiting.is_waiting


def test_what_is_given_up_is_not_done_but_is_told_of() -> None:
    waiting, done = Waiting(), list[str]()
    waiting.later(lambda: done.append("done"), given_up=lambda: done.append("given up"))
    waiting.later(lambda: done.append("done"))
    waiting.give_up()
    waiting.catch_up()
    assert done == ["given up"] and not waiting.is_waiting


def test_of_one_kind_the_last_is_done() -> None:
    waiting, done = Waiting(), list[str]()
    for kind, name in (("enter", "train"), ("", "edit"), ("enter", "step")):
        waiting.later(lambda name=name: done.append(name), kind)
    waiting.catch_up()
    assert done == ["edit", "step"] and not waiting.is_waiting
