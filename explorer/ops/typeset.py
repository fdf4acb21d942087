"""Formulas as trees: slots filled, and the tree written as MathML or LaTeX.

A tag may carry the role whose colour it takes, after a dot: ``["mrow.gradient", ["mn", "3"]]``. The browser
does the same in ``canvas/frontend/mathml.js``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape

from explorer.ops.latex import latex
from explorer.ops.names import name, number, value
from explorer.ops.op import Tree

__all__ = ["fill", "latex", "mathml", "name", "number", "value"]

Filling = Tree | str | float | tuple[int, ...]
"""A formula, a variable's name, a number, or the place of an entry."""

_OPENING = frozenset("([{|‖,")
_JOINING = frozenset("+−·×=≠<>≤≥⊙")


def fill(tree: Tree, values: Mapping[str, Filling]) -> Tree:
    """``tree`` with its slots filled; parentheses where a negative number or compound term would be misread.

    A slot without a value keeps its name. The slot ``xs`` stands for all of ``x0``, ``x1`` ... that are given.
    """
    if tree[0] == "slot":
        return _filling(tree, values)
    filled = [tree[0], *(_fill_child(tree, place, values) for place in range(1, len(tree)))]
    return _power(*filled[1:]) if tree[0] == "msup" else filled


def _fill_child(parent: Tree, place: int, values: Mapping[str, Filling]) -> Tree | str:
    child: Tree | str = parent[place]
    if isinstance(child, str):
        return child
    filled = fill(child, values)
    return _fenced(filled) if child[0] == "slot" and _misread(filled, parent, place) else filled


def _power(base: Tree, exponent: Tree) -> Tree:
    """A power as one writes it: ``x`` for ``x^{2−1}``, and an exponent right above a subscript."""
    worked = _difference(exponent)
    above = exponent if worked is None else value(worked)
    if worked == 1:
        return base
    return ["msubsup", base[1], base[2], above] if base[0] == "msub" else ["msup", base, above]


def _difference(tree: Tree) -> float | None:
    """What ``2 − 1`` comes to, or None for anything but a number less another."""
    if tree[0] != "mrow" or len(tree) != 4 or tree[2] != ["mo", "−"]:
        return None
    left, right = _figure(tree[1]), _figure(tree[3])
    return None if left is None or right is None else left - right


def _figure(tree: Tree) -> float | None:
    """A number that is written out."""
    if _negative(tree):
        size = _figure(tree[2])
        return None if size is None else -size
    return float(tree[1]) if tree[0] == "mn" and re.fullmatch(r"[0-9]+(\.[0-9]+)?", tree[1]) else None


def _filling(slot: Tree, values: Mapping[str, Filling]) -> Tree:
    if slot[1] == "xs":
        return _listed([_tree(values[key]) for key in _ports(values)])
    return _tree(values[slot[1]]) if slot[1] in values else name(slot[1])


def _ports(values: Mapping[str, Filling]) -> list[str]:
    return sorted((key for key in values if re.fullmatch(r"x\d+", key)), key=lambda key: int(key[1:]))


def _tree(filling: Filling) -> Tree:
    if isinstance(filling, str):
        return name(filling)
    if isinstance(filling, (int, float)):
        return value(filling)
    if isinstance(filling, list):
        return filling
    return _listed([["mn", str(place)] for place in filling])


def _listed(terms: Sequence[Tree]) -> Tree:
    row: Tree = ["mrow"]
    for term in terms:
        row += [["mo", ","], term] if len(row) > 1 else [term]
    return row


def _misread(filled: Tree, parent: Tree, place: int) -> bool:
    tag = parent[0].partition(".")[0]
    if tag in ("msup", "msub", "msubsup"):
        return place == 1 and (_compound(filled) or filled[0] in ("mfrac", "msup") or "e" in _digits(filled))
    if tag != "mrow" or len(parent) == 2 or not _compound(filled):
        return False
    before = parent[place - 1]
    if (before[0] == "mo" and before[1] in _OPENING) or (before[0] == "mtext" and before[1].strip()):
        return False
    return place > 1 or not _negative(filled)


def _digits(tree: Tree) -> str:
    return tree[1] if tree[0] == "mn" else ""


def _compound(tree: Tree) -> bool:
    """A row with an operator outside of all its brackets."""
    if not tree[0].startswith("mrow"):
        return False
    if len(tree) == 2:
        return _compound(tree[1])
    depth = 0
    for child in tree[1:]:
        sign = child[1] if child[0] == "mo" else ""
        depth += (sign in ("(", "[")) - (sign in (")", "]"))
        if depth == 0 and sign in _JOINING and sign:
            return True
    return False


def _negative(tree: Tree) -> bool:
    return tree[0] == "mrow" and len(tree) == 3 and tree[1] == ["mo", "−"]


def _fenced(tree: Tree) -> Tree:
    return ["mrow", ["mo", "("], tree, ["mo", ")"]]


def mathml(tree: Tree) -> str:
    """The tree as MathML, without the ``math`` element around it; all text is escaped."""
    if tree[0] == "slot":
        return mathml(name(tree[1]))
    if tree == ["mo", "⊤"]:
        return '<mi mathvariant="normal">T</mi>'  # few faces have the sign at the height of an exponent
    tag, _, role = tree[0].partition(".")
    inside = "".join(escape(child) if isinstance(child, str) else mathml(child) for child in tree[1:])
    return f'<{tag} class="{escape(role)}">{inside}</{tag}>' if role else f"<{tag}>{inside}</{tag}>"
