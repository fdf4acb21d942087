"""A loss written as an expression over what a model returns: ``mean(logits[0, -1] ** 2)``.

The words are those of the language of programs, and so is the arithmetic: float64, by torch on the model's own
tensors, so that the loss is a part of its autograd graph. ``output`` is what the model returned; the parts of several
outputs have the names that the model gave them, or are taken by their place: ``output[1]``. The text is parsed, never
run.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

import torch
from torch import Tensor

from explorer.capture.grammar import ALONG_AXIS, BINARY, COMPARE, CONSTANTS, FUNCTIONS
from explorer.capture.limits import Limits
from explorer.capture.literals import Reader
from explorer.capture.members import tensors_in
from explorer.capture.text import readable
from explorer.errors import NameProblem, OpFailed, SyntaxProblem
from explorer.ops import OPS

LIMITS = Limits(characters=2_000, nesting=30)
OUTPUT = "output"


class LossText:
    """The loss that ``text`` says. Raises ProgramError, with the column, for what is not of the language; calling
    it raises one where a name is no output or an operation refuses its shapes.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        read = readable(text.strip(), LIMITS)
        self._reader = _Evaluation(read, LIMITS)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self._tree = ast.parse(read.text, mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            column = getattr(error, "offset", None) or 1
            raise SyntaxProblem(
                "This is not one expression.", line=1, column=column, hint="Write for example mean(output ** 2)."
            ) from None
        self._reader.check(self._tree)

    def __call__(self, output: Any) -> Tensor:
        return self._reader.single(self._tree, self._reader.of(self._tree, _names(output)))


def output_names(output: Any) -> Mapping[str, tuple[int, ...]]:
    """What a loss can speak of, with the shapes: ``output``, or the parts of several outputs."""
    if isinstance(output, Tensor):
        return {OUTPUT: tuple(output.shape)}
    named = isinstance(output, Mapping) or hasattr(output, "__dataclass_fields__") or hasattr(output, "_fields")
    parts = [(path.split("."), tensor) for path, tensor in tensors_in(output, "")]
    return {_spelled(path if named else [OUTPUT, *path]): tuple(tensor.shape) for path, tensor in parts}


def _spelled(path: list[str]) -> str:
    """``hidden_states[1]``."""
    return path[0] + "".join(f"[{part}]" for part in path[1:])


def _names(output: Any) -> Mapping[str, Any]:
    if isinstance(output, Mapping):
        return {**output, OUTPUT: output}
    named: Iterable[str] = [*getattr(output, "__dataclass_fields__", ()), *getattr(output, "_fields", ())]
    return {OUTPUT: output, **{name: getattr(output, name) for name in named}}


class _Evaluation(Reader):
    """Walks the tree of an expression with the outputs at hand."""

    def check(self, node: ast.AST, depth: int = 0) -> None:
        """Refuses what the language does not have before any model runs."""
        if depth > self._limits.nesting:
            raise self._too_deep(node)
        parts = list(ast.iter_child_nodes(node))
        if isinstance(node, ast.Call):
            self._called(node)
            parts = list(node.args)
        elif isinstance(node, ast.Name):
            self._check_dunder(node, node.id)
            return
        elif isinstance(node, ast.Constant):
            self._number(node)
            return
        elif isinstance(node, ast.Subscript):
            self._check_places(node)
            parts = [node.value]
        elif not isinstance(node, _KNOWN) or (isinstance(node, ast.Compare) and len(node.ops) > 1):
            raise self._refuse(node)
        for part in parts:
            self.check(part, depth + 1)

    def _check_places(self, node: ast.Subscript) -> None:
        for part in _places(node):
            bounds = [part.lower, part.upper, part.step] if isinstance(part, ast.Slice) else [part]
            if not all(bound is None or _is_whole(bound) for bound in bounds):
                raise self._problem(part, "A place is a whole number that is written out.", "Try output[0, -1].")

    def of(self, node: ast.AST, names: Mapping[str, Any]) -> Any:
        """The value of a part of the expression: a tensor, a number, or outputs that are taken apart further."""
        if isinstance(node, ast.Name):
            return self._read(node, names)
        if isinstance(node, ast.Constant):
            return torch.tensor(self._number(node))
        if isinstance(node, ast.List):
            return self._apply(node, "stack", *(self.of(part, names) for part in node.elts))
        if isinstance(node, ast.BinOp):
            return self._apply(node, BINARY[type(node.op)], self.of(node.left, names), self.of(node.right, names))
        if isinstance(node, ast.UnaryOp):
            value = self.of(node.operand, names)
            return value if isinstance(node.op, ast.UAdd) else self._apply(node, "neg", value)
        if isinstance(node, ast.Compare):
            sides = (self.of(node.left, names), self.of(node.comparators[0], names))
            return self._apply(node, COMPARE[type(node.ops[0])], *sides)
        if isinstance(node, ast.Subscript):
            return self._part(node, names)
        assert isinstance(node, ast.Call)
        axes = {str(extra.arg): _whole(extra.value) for extra in node.keywords}
        return self._apply(node, self._called(node), *(self.of(part, names) for part in node.args), **axes)

    def single(self, node: ast.AST, value: Any) -> Tensor:
        """``value`` where it is one tensor."""
        if not isinstance(value, Tensor):
            hint = "Take one of them, by its name or by its place: output[0]."
            raise OpFailed("These are several outputs, not one tensor.", **self._at(node), hint=hint)
        return value

    def _read(self, node: ast.Name, names: Mapping[str, Any]) -> Any:
        if node.id in CONSTANTS:
            return torch.tensor(CONSTANTS[node.id])
        if node.id not in names or names[node.id] is None:
            known = [name for name, value in names.items() if value is not None]
            near = get_close_matches(node.id, known, n=1) or known[:6]
            raise NameProblem(
                f"The model has no output {node.id!r}.", **self._at(node), hint=f"It has {', '.join(near)}."
            )
        return names[node.id]

    def _part(self, node: ast.Subscript, names: Mapping[str, Any]) -> Any:
        value = self.of(node.value, names)
        index = tuple(map(_place, _places(node)))
        try:
            return value[index] if isinstance(value, Tensor) else value[index[0]]
        except (IndexError, KeyError, TypeError) as error:
            shape = f" of shape {list(value.shape)}" if isinstance(value, Tensor) else ""
            hint = f"Take a place of what is there{shape}."
            raise OpFailed(f"There is no such place: {error}.", **self._at(node), hint=hint) from None

    def _called(self, node: ast.Call) -> str:
        """The operation that a call means."""
        if not isinstance(node.func, ast.Name):
            raise self._refuse(node.func)
        name = node.func.id
        if name not in FUNCTIONS:
            hint = f"There are {', '.join(sorted(FUNCTIONS))}."
            raise NameProblem(f"There is no function {name!r}.", **self._at(node), hint=hint)
        op = FUNCTIONS[name].get(len(node.args))
        if op is None:
            counts = " or ".join(map(str, FUNCTIONS[name]))
            raise self._problem(node, f"{name} takes {counts} argument(s), not {len(node.args)}.", "Mind the commas.")
        for extra in node.keywords:
            if extra.arg != "axis" or op not in ALONG_AXIS or not _is_whole(extra.value):
                raise self._problem(node, f"{name} cannot take {extra.arg!r} so.", "Try sum(output, axis=0).")
        return op

    def _apply(self, node: ast.AST, op: str, *values: Any, **attrs: Any) -> Tensor:
        for value in values:
            self.single(node, value)
        try:
            return OPS[op].call(*values, **attrs)
        except (RuntimeError, ValueError, IndexError, TypeError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            shapes = ", ".join(str(list(value.shape)) for value in values)
            hint = f"The shapes are {shapes}."
            raise OpFailed(f"{OPS[op].label.capitalize()} failed: {reason}", **self._at(node), hint=hint) from error


_OPERATORS = (*BINARY, *COMPARE, ast.USub, ast.UAdd)
_KNOWN: tuple[type[ast.AST], ...] = (
    ast.BinOp, ast.UnaryOp, ast.Compare, ast.List, ast.Load, *_OPERATORS,
)  # fmt: skip


def _is_whole(node: ast.AST) -> bool:
    inner = node.operand if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) else node
    return isinstance(inner, ast.Constant) and type(inner.value) is int


def _whole(node: Any) -> int:
    """A place or an axis, which was checked to be written out."""
    return -_whole(node.operand) if isinstance(node, ast.UnaryOp) else int(node.value)


def _places(node: ast.Subscript) -> list[ast.expr]:
    return node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]


def _place(node: ast.expr) -> int | slice:
    if isinstance(node, ast.Slice):
        bounds = [None if part is None else _whole(part) for part in (node.lower, node.upper, node.step)]
        return slice(*bounds)
    return _whole(node)
