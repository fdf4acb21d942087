"""Numbers written out in a text, and the refusal of whatever the language does not have."""

from __future__ import annotations

import ast
from typing import Any

from torch import Tensor

from explorer.capture.limits import Limits
from explorer.capture.text import Readable
from explorer.capture.values import Place, tensor_of
from explorer.errors import NameProblem, ProgramError, SyntaxProblem

_INSTEAD: dict[type[ast.AST], str] = {
    ast.Attribute: "There is no dot access; write sum(x) instead of x.sum(), 0.5 instead of .5 after a name.",
    ast.FunctionDef: "Functions cannot be defined; write the lines where they are needed.",
    ast.Import: "Nothing can be imported; all functions are already there.",
    ast.ImportFrom: "Nothing can be imported; all functions are already there.",
    ast.Lambda: "Functions cannot be defined; write the lines where they are needed.",
    ast.ListComp: "Write the elements out, or use a loop.",
    ast.FloorDiv: "Use / for division.",
    ast.BitXor: "Use ^ or ** for powers.",
    ast.Slice: "Take one place at a time, for example v[0] or M[i, j].",
    ast.JoinedStr: "The language has numbers only.",
    ast.Starred: "Write the elements out.",
}


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
            return float(node.value)  # type: ignore[arg-type]
        except OverflowError:
            raise self._problem(node, "The number is too large for 64 bits.", "At most about 1.8e308.") from None

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
        what = _words(type(node).__name__)
        hint = _INSTEAD.get(type(node), "See the list of what can be written under Help.")
        return self._problem(at or node, f"The language has no {what}.", hint)

    def _problem(self, node: ast.AST, message: str, hint: str) -> SyntaxProblem:
        return SyntaxProblem(message, **self._at(node), hint=hint)

    def _at(self, node: ast.AST) -> dict[str, int]:
        line, column = self.place(node)
        return {"line": line, "column": column}


def _words(name: str) -> str:
    """``FunctionDef`` as words: "function def"."""
    return "".join(f" {c.lower()}" if c.isupper() else c for c in name).strip()
