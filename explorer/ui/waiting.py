"""What takes long, put off until it can be done in sight of its user. No Streamlit in here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from dataclasses import dataclass
from threading import RLock, Thread
from time import monotonic
from typing import Any, TypeVar

from explorer.progress import tell, told_to

BRISK_SECONDS = 0.4
"""What takes longer than this is done in sight."""
NEARLY = 0.8
"""What has come so far is not begun again."""
AT_ONCE_SECONDS = 2.0
"""Within this the page is made anew where its user goes on to something else."""
SECONDS = 0.2
"""So often the page hears of work that is waited for, and may go on to something else."""
MOST_UNDER_WAY = 4

Found = TypeVar("Found")


class TooLong(BaseException):
    """What was hoped to be quick is not. It is no problem of the work: nothing that guards that takes it for one."""


@dataclass(eq=False, slots=True)
class _Action:
    """``left`` is when it was interrupted."""

    kind: str
    do: Callable[[], None]
    given_up: Callable[[], None]
    left: float | None = None


class Waiting:
    """Actions in turn; of one ``kind`` the last alone is done.

    A page whose user goes on to something else is made anew by another thread, while the one that is at work still
    has to hear of it. ``one_at_a_time`` is held by whoever works, so that what is left is left before what is next.
    """

    def __init__(self) -> None:
        self._waiting: list[_Action] = []
        self.one_at_a_time = RLock()

    def later(self, action: Callable[[], None], kind: str = "", given_up: Callable[[], None] = lambda: None) -> None:
        """Do something that may take long when the page runs, where it can show that it works. ``given_up`` is done
        where its user ends it.
        """
        for each in [each for each in self._waiting if kind and each.kind == kind]:
            self._drop(each)
        self._waiting.append(_Action(kind, action, given_up))

    def soon(self, action: Callable[[], None], kind: str = "", given_up: Callable[[], None] = lambda: None) -> None:
        """Do it now; but where it tells after ``BRISK_SECONDS`` that it is not ``NEARLY`` done, it is left, and done
        later from its beginning.
        """
        try:
            with self.one_at_a_time:
                start = monotonic()
                with told_to(lambda share, _: _hurry(start, share)):
                    action()
        except TooLong:
            self.later(action, kind, given_up)

    @property
    def is_waiting(self) -> bool:
        """Whether there is something to ``catch_up`` on."""
        return bool(self._waiting)

    def catch_up(self) -> None:
        """Do what was put off until later, in turn.

        What is interrupted is done from its beginning the next time, if that comes at once: its user went on to
        something else. If not, the work was stopped, and is given up.
        """
        begun = monotonic()
        with self.one_at_a_time:
            while self._waiting:
                self._do(self._waiting[0], begun)

    def _do(self, action: _Action, begun: float) -> None:
        try:
            if action.left is not None and begun - action.left > AT_ONCE_SECONDS:
                action.given_up()
            else:
                action.do()
        except Exception:
            self._drop(action)
            raise
        except BaseException:
            action.left = monotonic()
            raise
        self._drop(action)

    def _drop(self, action: _Action) -> None:
        if action in self._waiting:
            self._waiting.remove(action)

    @contextmanager
    def _kept(self, *parts: str) -> Iterator[None]:
        """What fails inside, or is interrupted as when the page's user goes on to something else, leaves them be."""
        with self.one_at_a_time:
            before = {part: getattr(self, part) for part in parts}
            try:
                yield
            except BaseException:
                vars(self).update(before)
                raise

    def give_up(self) -> None:
        """Do not do what was put off."""
        left = list(self._waiting)
        self._waiting.clear()
        for each in left:
            with self.one_at_a_time:
                each.given_up()


def _hurry(start: float, share: float) -> None:
    if share < NEARLY and monotonic() - start > BRISK_SECONDS:
        raise TooLong


_under_way: list[tuple[object, Future[Any]]] = []


def awaited(of: object, words: str, work: Callable[[], Found]) -> Found:
    """What ``work`` gives, which nothing can interrupt: it is done in a thread of its own, while the page is told how
    long it has taken and may turn to something else. Then it goes on by itself, and whoever asks for the work ``of``
    the same object, or text, again gets what comes of it. ``words`` say what is done, until the work says more.
    """
    future = next((one for known, one in _under_way if known is of or (isinstance(of, str) and known == of)), None)
    if future is None:
        future = _begun(work)
        _under_way.append((of, future))
        del _under_way[:-MOST_UNDER_WAY]
    start = monotonic()
    while not future.done():
        wait([future], SECONDS)
        share, words = _told.get(future, (0.0, words))
        tell(share, f"{words}, {monotonic() - start:.0f} s")
    _under_way[:] = [each for each in _under_way if each[1] is not future]
    _told.pop(future, None)
    found: Found = future.result()
    return found


_told: dict[Future[Any], tuple[float, str]] = {}
"""How far each piece of work says that it is."""


def _begun(work: Callable[[], Found]) -> Future[Found]:
    future: Future[Found] = Future()

    def run() -> None:
        try:
            with told_to(lambda share, words: _told.__setitem__(future, (share, words))):
                future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    Thread(target=run, name="explorer work", daemon=True).start()
    return future
