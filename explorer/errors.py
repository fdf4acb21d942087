"""Every error a caller can meet, as one tree.

    ExplorerError
    ├── ProgramError       the text of a program: names the line and the column
    │   ├── SyntaxProblem  it cannot be read
    │   ├── NameProblem    a name or function is unknown, or used before it has a value
    │   ├── LimitExceeded  text, nodes, loop turns, elements or time ran past a bound
    │   └── OpFailed       an operation refused its inputs (shapes that do not fit, ...)
    ├── GraphError         a graph breaks an invariant; the message names it
    ├── RunError           a value, gradient or output was asked for that the run cannot give
    ├── TrainingError      what is to be trained, or how, does not go together
    │   └── DataError      a data set cannot be read: names the line
    ├── CaptureError       a model cannot be traced; it carries the run up to where it failed, if there is one
    ├── ModelError         a model cannot be made: unknown name, sizes that do not fit, text it cannot read, ...
    ├── SegmentError       a cut, a device, a link or a measured profile does not fit the graph
    ├── OverlayError       nodes cannot be coloured as it was asked for; names the node or the entry of the file
    ├── ExportError        a file cannot be made of a run
    └── CanvasError        the browser component is not found or was handed something it cannot draw

Each message says what is wrong, what was expected, and what to try.
"""

from __future__ import annotations

from typing import Any


class ExplorerError(Exception):
    """The root: catching it catches everything this package raises on purpose."""


class ProgramError(ExplorerError):
    """A problem in a program's text.

    ``line`` and ``column`` count from 1 and are ``None`` where no place can be named; ``hint`` says what to try.
    """

    def __init__(self, message: str, *, line: int | None = None, column: int | None = None, hint: str = "") -> None:
        self.message, self.line, self.column, self.hint = message, line, column, hint
        super().__init__(self._text())

    def _text(self) -> str:
        place = f"line {self.line}, column {self.column}: " if self.line is not None else ""
        return f"{place}{self.message}" + (f" {self.hint}" if self.hint else "")


class SyntaxProblem(ProgramError):
    """The text is not a program of the language."""


class NameProblem(ProgramError):
    """A name or a function is unknown, or is used before it has a value."""


class LimitExceeded(ProgramError):
    """A bound on text, nodes, loop turns, elements or time was reached."""


class OpFailed(ProgramError):
    """An operation refused its inputs."""


class GraphError(ExplorerError):
    """A graph breaks an invariant."""


class RunError(ExplorerError):
    """A run was asked for something that it cannot give."""


class TrainingError(ExplorerError):
    """What is minimised, the parameters, the optimiser and its settings do not go together."""


class DataError(TrainingError):
    """A data set cannot be read. ``line`` counts from 1 and is ``None`` where the whole is meant."""

    def __init__(self, message: str, *, line: int | None = None) -> None:
        self.line = line
        super().__init__(f"line {line}: {message}" if line is not None else message)


class CaptureError(ExplorerError):
    """A model could not be traced.

    ``run`` is the Run up to the failing operation where there is one; ``file`` and ``line`` name the place in the
    user's code, where it is known ("" and None otherwise). ``reason`` is what was raised, and where, alone.
    """

    def __init__(
        self, message: str, *, run: Any = None, file: str = "", line: int | None = None, reason: str = ""
    ) -> None:
        self.run, self.file, self.line, self.reason = run, file, line, reason
        super().__init__(message)


class ModelError(ExplorerError):
    """A model cannot be made or cannot read what it was given.

    ``field`` names what has to be changed ("prompt", "sizes", "loss", ...) where that is known, else "".
    """

    def __init__(self, message: str, *, field: str = "") -> None:
        self.field = field
        super().__init__(message)


class SegmentError(ExplorerError):
    """A graph cannot be divided as it was asked for, or what it is divided by does not fit it."""


class OverlayError(ExplorerError):
    """An overlay is unknown, cannot be made of a run, or a file of one does not fit the graph."""


class ExportError(ExplorerError):
    """A file cannot be made of a run, or not as it was asked for."""


class CanvasError(ExplorerError):
    """The canvas component is missing or was handed something that it cannot draw."""
