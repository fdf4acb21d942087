"""Reads a formula as a person would, so that tests can work out what is on the screen.

A tree becomes Python text, operator by operator, without any bracket that the formula does not show, and is
then worked out with numpy.
"""

from __future__ import annotations

import math
from functools import reduce
from typing import Any

import numpy as np

from explorer.ops import Tree

_SIGNS = {
    "−": "-", "·": "*", "⊙": "*", "≤": "<=", "≥": ">=", "≠": "!=", "=": "==",
    "\u2009": "@", "if\u00a0": "", "where\u00a0": "", "not\u00a0": " not ", "if not\u00a0": "~",
    "⌊": "floor(", "⌋": ")", "at the target": "at_target", "1 at the target": "one_at_target",
    "causal mask": "causal_mask",
}  # fmt: skip
_OTHERWISE = {"otherwise", "elsewhere"}


def softmax(x: Any) -> Any:
    powers = np.exp(x - x.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def _extreme(of_two: Any) -> Any:
    """Of several numbers, or of the entries of a single array."""
    return lambda *xs: reduce(of_two, xs) if len(xs) > 1 else of_two.reduce(xs[0], axis=None)


def _by_rows(function: Any) -> Any:
    return lambda x: function(x, axis=-1, keepdims=True)


_NAMES = {
    "e": math.e, "nan": math.nan, "δ": np.eye(9), "sqrt": np.sqrt, "sin": np.sin,
    "cos": np.cos, "tan": np.tan, "tanh": np.tanh, "ln": np.log,
    "abs": np.abs, "softmax": softmax, "total": np.sum, "where": np.where,
    "max": _extreme(np.maximum), "min": _extreme(np.minimum),
    "π": math.pi, "inf": math.inf, "floor": np.floor, "σ": lambda x: 1 / (1 + np.exp(-x)),
    "erf": np.vectorize(math.erf),
    "mean": _by_rows(np.mean), "var": _by_rows(np.var), "turned": lambda x: x.swapaxes(-1, -2) if x.ndim > 1 else x,
    "over_rows": lambda x: x.sum(0), "over_keys": _by_rows(np.sum), "over_copies": lambda x: x,
    "Φ": lambda x: (1 + math.erf(x / math.sqrt(2))) / 2,
    "φ": lambda x: math.exp(-x * x / 2) / math.sqrt(2 * math.pi),
}  # fmt: skip


def evaluate(tree: Tree, **values: Any) -> Any:
    """The value of a formula whose slots and letters have these values."""
    return eval(text(tree), {**_NAMES, **values})


def text(tree: Tree) -> str:
    """The formula as Python text. Raises KeyError for a tag that it cannot read."""
    tag, *children = tree
    if tag == "mn":
        return str(children[0]).replace("−", "-").replace("∞", "inf")
    if tag in ("slot", "mi", "mo", "mtext"):
        return _SIGNS.get(children[0], children[0])
    if tag == "mrow":
        return _row(children)
    parts = [text(child) for child in children]
    if tag == "msub" and children[1][0] == "mrow":
        parts[1] = ",".join(text(place) for place in children[1][1:])
    if tag == "msup":
        return f"turned({parts[0]})" if parts[1] == "⊤" else f"{parts[0]}**({parts[1]})"
    return {"mfrac": "(({0})/({1}))", "msqrt": "sqrt({0})", "msub": "{0}[{1}]"}[tag].format(*parts)


def _row(children: list[Tree]) -> str:
    if not children:
        return ""
    first, rest = children[0], children[1:]
    if first == ["mo", "|"]:
        return f"abs({text(rest[0])})"
    if first == ["mo", "{"]:
        return _cases(rest[0][1:])
    if first == ["mo", "∑"]:
        return f"total({_row(rest)})"
    if first[0] == "munder":
        return _sum_over(first[2], _row(rest))
    if rest and rest[0] == ["mo", "\u2061"]:
        return f"{text(first)}({text(rest[1])}){_row(rest[2:])}"
    side_by_side = rest and rest[0] == ["mo", "∑"] and first[0] != "mo"
    return text(first) + ("*" if side_by_side else "") + _row(rest)


def _sum_over(below: Tree, term: str) -> str:
    """Over what is named, or over all places for which a condition holds: k in terms of i, or j."""
    if below[0] == "mtext":
        return f"over_{below[1]}({term})"
    condition = text(below)
    place = "k" if "[k]" in condition else "j"
    return f"over_places(lambda i, {place}: {condition}, lambda {place}: {term})"


def _cases(lines: list[Tree]) -> str:
    """All but the last line hold where their condition does; the last elsewhere, or under its own."""
    (_, (_, value), (_, condition)), *others = lines
    if text(condition) in _OTHERWISE:
        return f"({text(value)})"
    return f"where({text(condition)}, {text(value)}, {_cases(others) if others else 'nan'})"
