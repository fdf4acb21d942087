"""Undo and redo as the header and Ctrl + Z mean them: what was done last, be it to the document or in an activity."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from explorer.ui.session import Session


@runtime_checkable
class Changing(Protocol):
    """What an activity keeps, where its changes can be taken back.

    ``undoes`` and ``redoes`` say how many edits the document had behind it when the change was made that would be
    taken back, or done again; None where there is none.
    """

    @property
    def undoes(self) -> int | None: ...
    @property
    def redoes(self) -> int | None: ...
    def undo(self) -> None: ...
    def redo(self) -> None: ...


def can_undo(session: Session) -> bool:
    own = _changing(session)
    return bool(session.history.past) or (own is not None and own.undoes is not None)


def can_redo(session: Session) -> bool:
    own = _changing(session)
    return bool(session.history.future) or (own is not None and own.redoes is not None)


def undo(session: Session) -> None:
    """The activity's last change, unless the document was edited since."""
    own, edits = _changing(session), session.history.edits
    if own is not None and own.undoes is not None and (own.undoes >= edits or not session.history.past):
        own.undo()
    else:
        session.undo()


def redo(session: Session) -> None:
    """The activity's next change, unless the document was edited before it."""
    own, edits = _changing(session), session.history.edits
    if own is not None and own.redoes is not None and (own.redoes <= edits or not session.history.future):
        own.redo()
    else:
        session.redo()


ACTS: Mapping[str, Callable[[Session], None]] = {"undo": undo, "redo": redo}
"""By the name of the canvas's event."""


def _changing(session: Session) -> Changing | None:
    share = session.shares.get(session.activity)
    return share if isinstance(share, Changing) else None
