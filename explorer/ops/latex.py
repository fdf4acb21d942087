"""A formula's tree as LaTeX, for maths mode; needs amsmath."""

from __future__ import annotations

from collections.abc import Callable

from explorer.ops.names import GREEK, name
from explorer.ops.op import Tree

_FUNCTIONS = frozenset({"sin", "cos", "tan", "ln", "log", "exp", "tanh", "max", "min"})
_LETTERS = {letter: word for word, letter in GREEK.items()}
_OPERATORS = {
    "−": "-", "·": r"\cdot", "×": r"\times", "≤": r"\le", "≥": r"\ge", "≠": r"\ne", "∑": r"\sum", "⊙": r"\odot",
    "⊤": r"\top", "‖": r"\|", "∂": r"\partial", "←": r"\leftarrow", "→": r"\to", "≈": r"\approx", "…": r"\ldots",
    "∗": r"\ast", "⌊": r"\lfloor", "⌋": r"\rfloor",
    "{": r"\{", "}": r"\}", "\u2061": "", "%": r"\%", "&": r"\&", "#": r"\#",
}  # fmt: skip
_ESCAPES = {
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "\u00a0": "~", **{sign: "\\" + sign for sign in "&%$#_{}"},
}  # fmt: skip
_THIN = "\u2009"


def latex(tree: Tree) -> str:
    """The tree in LaTeX; names of more than one letter upright, all text escaped."""
    tag = tree[0].partition(".")[0]
    if tag == "slot":
        return latex(name(tree[1]))
    if tag in _TOKENS:
        return _TOKENS[tag](tree[1])
    return _LAYOUTS[tag](tree) if tag in _LAYOUTS else _row(tree)


def _row(tree: Tree) -> str:
    if len(tree) == 3 and tree[1] == ["mo", "{"] and tree[2][0] == "mtable":
        return rf"\begin{{cases}} {_table(tree[2])} \end{{cases}}"
    return " ".join(filter(None, map(latex, tree[1:])))


def _table(tree: Tree) -> str:
    return r" \\ ".join(" & ".join(map(latex, row[1:])) for row in tree[1:])


def _identifier(text: str) -> str:
    if text in _LETTERS:
        return "\\" + _LETTERS[text]
    if text in _FUNCTIONS:
        return "\\" + text
    return text if len(text) == 1 and text.isalpha() else rf"\mathrm{{{_escaped(text)}}}"


def _number(text: str) -> str:
    mantissa, _, exponent = text.replace("−", "-").replace("∞", r"\infty").partition("e")
    if "NaN" in mantissa:
        return r"\mathrm{NaN}"
    return rf"{mantissa} \times 10^{{{exponent}}}" if exponent else mantissa


def _operator(text: str) -> str:
    return _OPERATORS.get(text, text)


def _text(text: str) -> str:
    return r"\," if text == _THIN else rf"\text{{{_escaped(text)}}}"


def _escaped(text: str) -> str:
    return "".join(_ESCAPES.get(sign, sign) for sign in text)


def _template(pattern: str) -> Callable[[Tree], str]:
    """``1``, ``2`` and ``3`` in the pattern stand for the children, each in braces."""

    def write(tree: Tree) -> str:
        children = {str(place): "{" + latex(tree[place]) + "}" for place in range(1, len(tree))}
        return "".join(children.get(sign, sign) for sign in pattern)

    return write


_TOKENS: dict[str, Callable[[str], str]] = {
    "mi": _identifier, "mn": _number, "mo": _operator, "mtext": _text,
}  # fmt: skip
_LAYOUTS: dict[str, Callable[[Tree], str]] = {
    "mfrac": _template(r"\frac12"),
    "msup": _template("1^2"),
    "msub": _template("1_2"),
    "msubsup": _template("1_2^3"),
    "mover": _template(r"\overset21"),
    "munder": _template("1_2"),
    "munderover": _template("1_2^3"),
    "msqrt": lambda tree: rf"\sqrt{{{_row(tree)}}}",
    "mtable": lambda tree: rf"\begin{{matrix}} {_table(tree)} \end{{matrix}}",
}
