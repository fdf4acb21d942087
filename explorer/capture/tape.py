"""The tape that a program writes while it runs: one row per operation.

A row costs one tuple, two list appends and, for single numbers, one call of a float function; that is what makes
a hundred thousand scalar operations cheap. Anything with a shape goes through torch, one operation at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from time import perf_counter
from typing import Any

from torch import Tensor

from explorer.capture.limits import Limits
from explorer.capture.values import Place, check_size
from explorer.errors import LimitExceeded, OpFailed, ProgramError
from explorer.graph import Graph
from explorer.ops import OPS
from explorer.progress import tell
from explorer.run import Number, as_tensor, evaluate

CHECK_EVERY = 1024
"""Rows between two looks at the clock."""
MOST_TOLD = 0.6
"""What is told of the work when as many nodes were made as may be."""

NAMELESS = "v"
"""Intermediate values without a name are numbered as the literature on differentiation does: v1, v2, ..."""

HINTS = {
    "index": "Places count from 0, one per dimension: v[0], M[i, j].",
    "cross_entropy": "The target is the number of a class, counted from 0, or one probability per class.",
    "matmul": "For numbers write *; for vectors and matrices @.",
}
"""What to try where an operation failed for another reason than its shapes."""

COMPARISONS = frozenset({"gt", "ge", "lt", "le", "eq", "ne"})


class Tape:
    """Rows ``(op, inputs, line, scope)`` of a running program, with the value of each and whether it has a gradient.

    ``values`` holds floats, bools and tensors; ``names`` the variable of each row that has one;
    ``decisions`` what was read off each row that steers the program.
    """

    def __init__(self, limits: Limits) -> None:
        self.rows: list[tuple[str, tuple[int, ...], int, tuple[str, ...]]] = []
        self.values: list[Number] = []
        self.requires_grad: list[bool] = []
        self.names: dict[int, str] = {}
        self.attrs: dict[int, dict[str, Any]] = {}
        self.decisions: dict[int, int] = {}
        self.scope: tuple[str, ...] = ()
        self.pause = 0
        self._not_floats: list[int] = []
        self._limits = limits
        self._deadline = perf_counter() + limits.seconds

    def leaf(self, kind: str, name: str, value: Number, requires_grad: bool, line: int) -> int:
        """A new input or constant; its index."""
        index = self._append(kind, (), value, requires_grad, (line, 1))
        if name:
            self.names[index] = name
        return index

    def constant(self, value: Number, place: Place) -> int:
        """A new constant; its index."""
        return self._append("constant", (), value, False, place)

    def emit(self, op: str, ports: tuple[int, ...], place: Place, attrs: dict[str, Any] | None = None) -> int:
        """Compute one operation and write its row; its index. Raises OpFailed or LimitExceeded."""
        values = [self.values[port] for port in ports]
        if op == "pow" and self.requires_grad[ports[1]]:
            op = "power"
        if Tensor in map(type, values) or op == "stack":
            self._check_size(op, values, place)
        try:
            value = evaluate(OPS[op], values, attrs or {})
        except (RuntimeError, ValueError, IndexError, TypeError) as error:
            raise OpFailed(
                _complaint(op, values, error), line=place[0], column=place[1], hint=HINTS.get(op, "")
            ) from None
        flows = op not in COMPARISONS and True in map(self.requires_grad.__getitem__, ports)
        index = self._append(op, ports, value, flows, place)
        if attrs:
            self.attrs[index] = attrs
        return index

    def binary(self, op: str, rule: Any, a: int, b: int, place: Place) -> int:
        """``emit`` for two inputs, with the float rule (if any) at hand: the path that scalar programs run on."""
        values = self.values
        x, y = values[a], values[b]
        if rule is None or type(x) is not float or type(y) is not float:
            return self.emit(op, (a, b), place)
        index = len(values)
        if index >= self.pause:
            self.breathe(place)
        self.rows.append((op, (a, b), place[0], self.scope))
        values.append(rule(x, y))
        requires = self.requires_grad
        requires.append(requires[a] or requires[b])
        return index

    def breathe(self, place: Place) -> None:
        """Look at the bounds on nodes and time. Raises LimitExceeded."""
        count, limits = len(self.rows), self._limits
        if count >= limits.nodes:
            raise LimitExceeded(
                f"The program makes more than {limits.nodes:,} nodes.", line=place[0], column=place[1],
                hint="Use vectors and matrices instead of single numbers, or fewer loop turns.",
            )  # fmt: skip
        if perf_counter() > self._deadline:
            raise LimitExceeded(
                f"The program ran for more than {limits.seconds:g} seconds.", line=place[0], column=place[1],
                hint="Use fewer loop turns or smaller tensors.",
            )  # fmt: skip
        self.pause = min(count + CHECK_EVERY, limits.nodes)
        tell(MOST_TOLD * count / limits.nodes, f"Running the program: {count:,} operations")

    def graph(self, output: int, variables: dict[str, int], source: str) -> Graph:
        """The structure of what was written."""
        ops, inputs, lines, scopes = zip(*self.rows, strict=True)
        names, dtypes = [""] * len(ops), ["float64"] * len(ops)
        shapes: list[tuple[int, ...]] = [()] * len(ops)
        for index, name in self.names.items():
            names[index] = name
        for index in self._not_floats:
            value = as_tensor(self.values[index])
            shapes[index], dtypes[index] = tuple(value.shape), str(value.dtype).removeprefix("torch.")
        return Graph(
            ops, inputs, names, lines, scopes, shapes, dtypes, self.requires_grad,
            (output,), self.attrs, variables, source, NAMELESS, decisions=self.decisions,
        )  # fmt: skip

    def _append(self, op: str, ports: tuple[int, ...], value: Number, requires_grad: bool, place: Place) -> int:
        index = len(self.rows)
        if index >= self.pause:
            self.breathe(place)
        self.rows.append((op, ports, place[0], self.scope))
        self.values.append(value)
        self.requires_grad.append(requires_grad)
        if type(value) is not float:
            self._not_floats.append(index)
        return index

    def _check_size(self, op: str, values: Sequence[Number], place: Place) -> None:
        shapes = [as_shape(value) for value in values]
        dimensions = max(map(len, shapes), default=0) + (op == "stack")
        check_size(f"The result of {op}", _elements(op, shapes), dimensions, self._limits, place)


def as_shape(value: Number) -> Sequence[int]:
    """The shape of a value; () for a single number."""
    return value.shape if isinstance(value, Tensor) else ()


def _elements(op: str, shapes: list[Sequence[int]]) -> int:
    """How many elements the result can have at most, before it is computed."""
    if op == "stack":
        return sum(prod(shape) for shape in shapes)
    if op == "matmul" and all(len(shape) >= 2 for shape in shapes):
        return prod(shapes[0][:-1]) * shapes[1][-1] * prod(shapes[1][:-2])
    longest = max((len(shape) for shape in shapes), default=0)
    padded = [(1,) * (longest - len(shape)) + tuple(shape) for shape in shapes]
    return prod(max(sizes) for sizes in zip(*padded, strict=True))


def _complaint(op: str, values: Sequence[Number], error: Exception) -> str:
    """What torch refused, in the words of the program: shapes first, the reason after."""
    if isinstance(error, ProgramError):
        return error.message
    shapes = " and ".join(str(list(as_shape(value))) for value in values)
    wanted = {
        "matmul": "The last size of the left side must be the first of the right.",
        "dot": "Both sides must be vectors of one length.",
        "stack": "All rows must have the same shape.",
    }.get(op, "Sizes must be equal, or 1, counted from the last." if len(values) > 1 else "")
    if isinstance(error, ValueError) or not wanted:
        return f"{OPS[op].label.capitalize()} failed for shape {shapes}: {str(error).splitlines()[0]}"
    return f"The shapes {shapes} do not fit for {OPS[op].label}. {wanted}"
