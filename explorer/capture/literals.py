"""Numbers written out in a text, and the refusal of whatever the language does not have."""

from __future__ import annotations

import ast
import math
from typing import Any

from torch import Tensor

from explorer.capture.limits import Limits
from explorer.capture.text import Readable
from explorer.capture.values import Place, tensor_of
from explorer.errors import NameProblem, ProgramError, SyntaxProblem

_NO_FUNCTIONS = ("definition of functions", "Write the lines where they are needed.")
_NO_IMPORT = ("import", "All functions are already there.")
_WRITE_OUT = ("list made by a rule", "Write the elements out, or use a loop.")
_ABSENT: dict[type[ast.AST], tuple[str, str]] = {
    ast.Attribute: ("access by a dot", "Write sum(x) instead of x.sum()."),
    ast.FunctionDef: _NO_FUNCTIONS,
    ast.Lambda: _NO_FUNCTIONS,
    ast.Import: _NO_IMPORT,
    ast.ImportFrom: _NO_IMPORT,
    ast.ListComp: _WRITE_OUT,
    ast.GeneratorExp: _WRITE_OUT,
    ast.FloorDiv: ("whole division", "Use / for division."),
    ast.Mod: ("remainder", "Use + - * / ^ and @."),
    ast.BitXor: ("^ here", "Write ** for powers."),
    ast.BitAnd: ("& on bits", "Use and between comparisons."),
    ast.BitOr: ("| on bits", "Use or between comparisons."),
    ast.Slice: ("range of places", "Take one place at a time, for example v[0] or M[i, j]."),
    ast.Starred: ("unpacking", "Write the elements out."),
    ast.BoolOp: ("and, or as a value", "They stand after if and while; for values use where(a > b, x, y)."),
    ast.Not: ("not as a value", "It stands after if and while; for values use where(a > b, x, y)."),
    ast.Tuple: ("list in round brackets", "Vectors have square brackets: [1, 2, 3]."),
    ast.Dict: ("braces", "Vectors have square brackets: [1, 2, 3]."),
    ast.Set: ("braces", "Vectors have square brackets: [1, 2, 3]."),
    ast.BinOp: ("brackets side by side", "Write * between them: (x + 1) * (x - 1)."),
    ast.Call: ("brackets after a call", "Write * between them: sin(x) * (x + 1)."),
}
"""What the language does not have, in words, and what to write instead."""


class Reader:
    """Knows where everything stands in the text, reads what is written out, and refuses by name and place."""

    def __init__(self, text: Readable, limits: Limits) -> None:
        self._text, self._limits = text, limits

    def place(self, node: ast.AST) -> Place:
        """Where ``node`` stands in the text as typed."""
        return self._text.place(getattr(node, "lineno", 1), getattr(node, "col_offset", 0))

    def literal(self, node: ast.expr) -> float | Tensor | None:
        """The number, vector or matrix that is written out in ``node``, else ``None``."""
        rows = self._numbers(node)
        if rows is None or isinstance(rows, float):
            return rows
        return tensor_of(rows, "The matrix", self._limits, self.place(node))

    def _numbers(self, node: ast.expr, depth: int = 0) -> Any:
        if isinstance(node, ast.Constant):
            return self._number(node)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
            return -self._number(node.operand)
        if not isinstance(node, ast.List) or not node.elts or depth > self._limits.nesting:
            return None
        rows = [self._numbers(part, depth + 1) for part in node.elts]
        return None if any(row is None for row in rows) else rows

    def _number(self, node: ast.Constant) -> float:
        if type(node.value) not in (int, float):
            raise self._problem(node, f"{str(node.value)[:20]!r} is not a number.", "The language has numbers only.")
        try:
            number = float(node.value)  # type: ignore[arg-type]
        except OverflowError:
            number = math.inf
        if math.isinf(number):
            raise self._problem(node, "The number is too large for 64 bits.", "At most about 1.8e308.")
        return number

    def _check_dunder(self, node: ast.AST, name: str) -> None:
        if name.startswith("__"):
            raise NameProblem(
                f"{name!r} is not of the language.",
                **self._at(node),
                hint="Names do not begin with two underscores.",
            )

    def _too_deep(self, node: ast.AST) -> ProgramError:
        return self._problem(
            node,
            f"This is nested more than {self._limits.nesting} levels deep.",
            "Give parts of it names of their own.",
        )

    def _refuse(self, node: ast.AST, at: ast.AST | None = None) -> SyntaxProblem:
        what, instead = _ABSENT.get(type(node), (f"{type(node).__name__.lower()}", "Use what the examples show."))
        return self._problem(at or node, f"The language has no {what}.", instead)

    def _problem(self, node: ast.AST, message: str, hint: str) -> SyntaxProblem:
        return SyntaxProblem(message, **self._at(node), hint=hint)

    def _at(self, node: ast.AST) -> dict[str, int]:
        line, column = self.place(node)
        return {"line": line, "column": column}
