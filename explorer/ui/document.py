"""What the user holds: a program with the values of its inputs or a model, and what is asked of it.

A ``Document`` never changes; an edit makes a new one. Undo goes back through them, a link holds one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from explorer.ui.examples import Example, Value
from explorer.ui.model_source import ModelSource

DEFAULTS = (2.0, 3.0, 1.0, 0.5, -1.0, 1.5, -2.0, 4.0)
"""Values for names that the text leaves open, in the order in which they come up."""

Mode = Literal["reverse", "forward"]
Source = Literal["run", "program", "model"]


@dataclass(frozen=True, slots=True)
class Document:
    """``values`` holds inputs that the text leaves open, by name, and keeps those of names that went away.

    ``held`` are the inputs without ``requires_grad``. ``output``, ``upstream`` and ``wrt`` are ``None`` for
    the program's own result, a gradient of ones, and the first input. With a ``model`` that is what is shown, and with
    the path of a ``saved`` run that one; the program waits until it is gone back to.
    """

    text: str
    values: Mapping[str, Value] = field(default_factory=dict)
    held: frozenset[str] = frozenset()
    output: str | None = None
    upstream: Value | None = None
    mode: Mode = "reverse"
    wrt: str | None = None
    model: ModelSource | None = None
    saved: str = ""

    @property
    def source(self) -> Source:
        """Which of the three is shown."""
        return "run" if self.saved else "program" if self.model is None else "model"

    @property
    def subject(self) -> tuple[str, ...]:
        """Which model it is of, whatever it reads; nothing for a program."""
        return () if self.model is None else (self.model.origin, self.model.name, self.model.factory)

    def with_value(self, name: str, value: Value) -> Document:
        """The same with one input changed."""
        return replace(self, values={**self.values, name: value})

    def with_default(self, name: str) -> Document:
        """The same with a value for one more open name."""
        return self.with_value(name, DEFAULTS[len(self.values) % len(DEFAULTS)])

    def with_output(self, output: str | None) -> Document:
        """The same seen from another output, with a gradient of ones."""
        return replace(self, output=output, upstream=None)


def from_example(example: Example) -> Document:
    """A fresh document of a worked example."""
    return Document(example.program, dict(example.inputs))


@dataclass(frozen=True, slots=True)
class History:
    """The documents before and after the present one, nearest last. At most ``LENGTH`` are kept, and it is counted how
    many were ``forgotten``.
    """

    past: tuple[Document, ...] = ()
    future: tuple[Document, ...] = ()
    forgotten: int = 0

    @property
    def edits(self) -> int:
        """How many edits the present document has behind it."""
        return self.forgotten + len(self.past)

    def record(self, document: Document) -> History:
        """``document`` was present and is about to be replaced."""
        past = (*self.past, document)
        return History(past[-LENGTH:], forgotten=self.forgotten + max(len(past) - LENGTH, 0))

    def back(self, present: Document) -> tuple[Document, History]:
        """The document before ``present``; ``present`` itself where there is none."""
        if not self.past:
            return present, self
        return self.past[-1], History(self.past[:-1], (*self.future, present), self.forgotten)

    def forth(self, present: Document) -> tuple[Document, History]:
        """The document that was gone back from; ``present`` itself where there is none."""
        if not self.future:
            return present, self
        return self.future[-1], History((*self.past, present), self.future[:-1], self.forgotten)


LENGTH = 200
