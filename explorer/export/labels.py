"""What is written about a node or an edge, as plain text: symbols, figures, partial derivatives."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from explorer.graph import Graph
from explorer.ops.op import Tree
from explorer.ops.typeset import name, number
from explorer.run import Number, Run

_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def symbol(run: Run, index: int) -> str:
    """How formulas call a node: its id in letters (``w_1`` as w₁), or the number of a constant."""
    value = run.values[index]
    if run.graph.ops[index] == "constant" and isinstance(value, float):
        return number(value)
    return plain(name(run.graph.ids[index]))


def plain(tree: Tree | str) -> str:
    """A typeset name as one line of text."""
    if isinstance(tree, str):
        return tree
    if tree[0] == "msub":
        base, below = plain(tree[1]), plain(tree[2])
        return base + (below.translate(_SUBSCRIPTS) if below.isdecimal() else f"_{below}")
    return "".join(plain(child) for child in tree[1:])


def partial(of: str, by: str) -> str:
    """``∂of/∂by``."""
    return f"∂{of}/∂{by}"


def gradient_symbol(run: Run, index: int) -> str:
    """The gradient of a node: ``∂e/∂b``."""
    return partial(symbol(run, run.backward.output), symbol(run, index))


def figure(value: Number, digits: int = 6) -> str:
    """A single number in at most ``digits`` significant digits, ``true`` or ``false``, or a tensor's norm."""
    if isinstance(value, Tensor):
        value = magnitude(value) if value.ndim else value.item()
    if isinstance(value, bool):
        return "true" if value else "false"
    return number(value, digits)


def signed(value: Number, digits: int = 6) -> str:
    """A contribution as it is added: ``+ 2``, ``− 3``; for a tensor ``norm 2``."""
    text = figure(value, digits)
    if isinstance(value, Tensor):
        return f"norm {text}"
    return f"− {text[1:]}" if text.startswith("−") else f"+ {text}"


def magnitude(value: Number) -> float:
    """The absolute value of a number, the 2-norm of a tensor's elements."""
    return float(value.double().norm()) if isinstance(value, Tensor) else abs(float(value))


def shape_text(graph: Graph, index: int) -> str:
    """``[2, 3]``, or nothing for a single number."""
    shape = graph.shapes[index]
    return f"[{', '.join(map(str, shape))}]" if shape else ""


def shorten(text: str, width: float, measure: Callable[[str], float]) -> str:
    """The longest beginning of ``text`` that fits, with an ellipsis where it was cut."""
    if measure(text) <= width:
        return text
    while text and measure(text + "…") > width:
        text = text[:-1]
    return text + "…" if text else ""


def advance(text: str, size: float, strong: bool = False) -> float:
    """About how wide ``text`` is in a sans-serif face, in pixels; a little generous, as faces differ."""
    ems = sum(_NARROW if c in "iljtfrI.,:;'|!()[]₀₁₂₃₄₅₆₇₈₉ " else _WIDE if c in "mwMW@…∞" else _MEAN for c in text)
    return ems * size * (1.05 if strong else 1.0)


_NARROW, _MEAN, _WIDE = 0.33, 0.56, 0.88
