"""The language: a few lines of arithmetic, traced into a Graph and a Run by running them once.

    y = (a - b) * (a + b)        a bare expression, or lines of assignments
    u = 3x + 2                   a number multiplies what follows it at once
    y = u^4                      ^ and ** are both power, @ is the matrix product
    W = [[1, 2], [3, 4]]         vectors and matrices; v[0], M[i, j] takes an element
    if x > 0: ... else: ...      control flow runs as it is read (define-by-run): the graph is what was executed
    for i in range(3): ...
    while x > 1: ...

A name set to a plain number, vector or matrix at the top level is an input with that value; a name that is read
and never set is an input whose value must be given. The result is the last thing that was assigned or written.
All numbers are float64.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Any

from explorer.capture.collector import without_garbage_collection
from explorer.capture.limits import Limits
from explorer.capture.machine import Machine
from explorer.capture.names import Names, survey
from explorer.capture.statements import Compiler
from explorer.capture.text import Readable, readable
from explorer.capture.values import Place, number_of
from explorer.errors import NameProblem, SyntaxProblem
from explorer.graph import Graph
from explorer.run import Number, Run


@dataclass(frozen=True, slots=True)
class Input:
    """A name that a program takes its value for. ``default`` is ``None`` where the text gives none."""

    name: str
    line: int
    default: Number | None


class Program:
    """A text that was read and compiled; it can be run any number of times.

    Raises SyntaxProblem, NameProblem or LimitExceeded where the text is not of the language.
    """

    def __init__(self, text: str, limits: Limits | None = None) -> None:
        self.text, self.limits = text, limits or Limits()
        self.readable = readable(text, self.limits)
        self.tree = _parse(self.readable)
        self._compiler = Compiler(self.readable, self.limits)
        self._run = self._compiler.block(self.tree.body)
        self.names: Names = survey(self.tree)

    @cached_property
    def inputs(self) -> Mapping[str, Input]:
        """The inputs in the order in which the text first speaks of them."""
        found = {name: Input(name, line, None) for name, line in self.names.free.items()}
        for statement in self.tree.body:
            if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                name, literal = statement.targets[0].id, self._compiler.literal(statement.value)
                if literal is not None and self.names.assigned[name] == statement.lineno:
                    found.setdefault(name, Input(name, statement.lineno, literal))
        return dict(sorted(found.items(), key=lambda item: item[1].line))

    @property
    def open_inputs(self) -> list[str]:
        """The inputs that the text gives no value and does not set later on either."""
        return [name for name in self.names.free if name not in self.names.assigned]

    def run(self, given: Mapping[str, Any] | None = None, requires_grad: Mapping[str, bool] | None = None) -> Run:
        """Run the program once, forward and backward from its result.

        ``given`` are values of inputs; ``requires_grad`` switches the gradient of an input off (or on).
        Raises NameProblem for names that are not inputs or have no value, OpFailed, LimitExceeded.
        """
        with without_garbage_collection():
            return Run(*self.forward(given, requires_grad))

    def forward(
        self, given: Mapping[str, Any] | None = None, requires_grad: Mapping[str, bool] | None = None
    ) -> tuple[Graph, Sequence[Number]]:
        """The forward pass alone: the graph that it wrote, and the value of every node."""
        given, requires_grad = dict(given or {}), dict(requires_grad or {})
        for name in [*given, *requires_grad]:
            self._must_be_input(name)
        values = {name: number_of(value, name, self.limits) for name, value in given.items()}
        machine = Machine(values, requires_grad, self.limits, self._missing)
        self._run(machine)
        if machine.last is None:
            raise SyntaxProblem("The program computes nothing.", hint="Add a line such as y = a + b.")
        return machine.tape.graph(machine.last, machine.variables, self.text), machine.tape.values

    def _must_be_input(self, name: str) -> None:
        if name in self.inputs:
            return
        if name in self.names.assigned:
            raise NameProblem(
                f"{name!r} is computed on line {self.names.assigned[name]} and cannot be given.",
                hint=f"The inputs are {', '.join(self.inputs) or 'none'}.",
            )
        near = get_close_matches(name, self.inputs, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"The inputs are {', '.join(self.inputs) or 'none'}."
        raise NameProblem(f"There is no input {name!r} in the program.", hint=hint)

    def _missing(self, name: str, place: Place) -> NameProblem:
        line, column = place
        later = self.names.assigned.get(name)
        if later is None:
            hint = f"Write {name} = 1 above, or pass {name}=1 when tracing."
            return NameProblem(f"{name!r} has no value.", line=line, column=column, hint=hint)
        chain = self.names.cycle(name)
        if chain:
            message = f"{name!r} is defined in a circle: {' needs '.join(chain)}."
        elif later == line:
            message = f"{name!r} has no value when line {line} needs it."
        else:
            message = f"{name!r} is used on line {line} before line {later} gives it a value."
        moved = f"Move line {later} above line {line}, or give" if later > line and not chain else "Give"
        hint = f"{moved} {name!r} a first value above, for example {name} = 1."
        return NameProblem(message, line=line, column=column, hint=hint)


def trace(
    text: str,
    /,
    *,
    output: str | None = None,
    upstream: object = None,
    requires_grad: Mapping[str, bool] | None = None,
    limits: Limits | None = None,
    inputs: Mapping[str, Any] | None = None,
    **values: Any,
) -> Run:
    """Trace a program: its graph, all values, all gradients and every edge's contribution.

    Values of inputs are keywords, or a mapping ``inputs`` for names that are keywords here: numbers, nested
    lists, arrays or tensors. ``output`` is the variable or node to differentiate (default: the result);
    ``upstream`` its upstream gradient, of its shape (default: ones). ``requires_grad={"b": False}`` prunes.

    >>> trace("u = 3x+2\\ny = u^4", x=3.0).grad("x")
    tensor(15972., dtype=torch.float64)

    Raises an ExplorerError that names line and column and says what to try.
    """
    if not isinstance(text, str):
        raise SyntaxProblem(f"A program is text, not {type(text).__name__}.", hint='For example "y = a * b".')
    for what, given, kind in (
        ("limits", limits, Limits),
        ("inputs", inputs, Mapping),
        ("requires_grad", requires_grad, Mapping),
    ):
        if given is not None and not isinstance(given, kind):
            raise NameProblem(
                f"{what} is a {kind.__name__}, not {given!r}.", hint=f"See help(explorer.trace) for {what}."
            )
    run = Program(text, limits).run({**(inputs or {}), **values}, requires_grad)
    if output is None and upstream is None:
        return run
    return run.differentiate(output if output is not None else run.output, upstream)


def _parse(text: Readable) -> ast.Module:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            return ast.parse(text.text)
    except SyntaxError as error:
        line, column = text.place(error.lineno or 1, 0)
        if error.offset:
            column = text.place(line, len(text.lines[line - 1][: error.offset - 1].encode()))[1]
        raise SyntaxProblem(_reason(error), line=line, column=column, hint=_try(error)) from None
    except (RecursionError, MemoryError, ValueError):
        longest = max(range(len(text.lines)), key=lambda line: len(text.lines[line]))
        raise SyntaxProblem(
            "This line has too many operations, or is nested too deeply.", line=longest + 1, column=1,
            hint="At most some 2,900 fit on a line: give parts names of their own, or use a loop.",
        ) from None  # fmt: skip


def _reason(error: SyntaxError) -> str:
    message = (error.msg or "this cannot be read").rstrip(".")
    return f"This line cannot be read: {message[0].lower()}{message[1:]}."


def _try(error: SyntaxError) -> str:
    message = error.msg or ""
    if "nested" in message:
        return "Give parts of the expression names of their own."
    if "indent" in message:
        return "Lines inside if, for and while are indented by the same number of blanks."
    if "==" in message or "cannot assign" in message:
        return "On the left of = stands one name; compare with ==."
    if "never closed" in message or "unmatched" in message:
        return "Check that every bracket has its partner."
    return "Check for a missing operator or bracket; write for example y = (a - b) * (a + b)."
