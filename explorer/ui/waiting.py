"""What takes long, put off until it can be done in sight of its user. No Streamlit in here."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, wait
from threading import Thread
from time import monotonic
from typing import Any, NamedTuple, TypeVar

from explorer.progress import tell, told_to

BRISK_SECONDS = 0.4
"""What takes longer than this is done in sight."""
SECONDS = 0.2
"""So often the page hears of work that is waited for, and may go on to something else."""
MOST_UNDER_WAY = 4

Found = TypeVar("Found")


class TooLong(BaseException):
    """What was hoped to be quick is not. It is no problem of the work: nothing that guards that takes it for one."""


class Waiting:
    """Actions in turn; of one ``kind`` the last alone is done."""

    def __init__(self) -> None:
        self._waiting: list[_Action] = []

    def later(self, action: Callable[[], None], kind: str = "", given_up: Callable[[], None] = lambda: None) -> None:
        """Do something that may take long when the page runs, where it can show that it works. ``given_up`` is done
        where its user ends it.
        """
        others = [each for each in self._waiting if not kind or each.kind != kind]
        self._waiting = [*others, _Action(kind, action, given_up)]

    def soon(self, action: Callable[[], None], kind: str = "", given_up: Callable[[], None] = lambda: None) -> None:
        """Do it now; but where it tells after ``BRISK_SECONDS`` that it is still at work, it is left, and done later
        from its beginning.
        """
        start = monotonic()

        def told(_share: float, _words: str) -> None:
            if monotonic() - start > BRISK_SECONDS:
                raise TooLong

        try:
            with told_to(told):
                action()
        except TooLong:
            self.later(action, kind, given_up)

    @property
    def is_waiting(self) -> bool:
        """Whether there is something to ``catch_up`` on."""
        return bool(self._waiting)

    def catch_up(self) -> None:
        """Do what was put off until later, in turn. What is interrupted is done the next time, from its beginning."""
        while self._waiting:
            first = self._waiting[0]
            try:
                first.do()
            except Exception:
                self._waiting = [each for each in self._waiting if each is not first]
                raise
            self._waiting = [each for each in self._waiting if each is not first]

    def give_up(self) -> None:
        """Do not do what was put off."""
        left, self._waiting = self._waiting, []
        for each in left:
            each.given_up()


class _Action(NamedTuple):
    kind: str
    do: Callable[[], None]
    given_up: Callable[[], None]


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
