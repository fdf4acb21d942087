"""LaTeX: balanced, made of known commands, and safe for any name."""

from __future__ import annotations

import re

import pytest

from explorer.ops import OPS, Tree
from explorer.ops.names import GREEK
from explorer.ops.typeset import fill, latex

COMMANDS = {
    *GREEK,
    "frac", "sqrt", "cdot", "odot", "sum", "top", "le", "ge", "ne", "text", "mathrm", "begin", "end", "sin", "cos",
    "tan", "ln", "tanh", "max", "min", ",", "\\", "{", "times", "infty", "partial", "ldots", "ast", "lfloor", "rfloor",
    "_",
}  # fmt: skip


def check(written: str) -> None:
    """Braces and environments close, commands are known, nothing is left that LaTeX cannot read."""
    commands = re.findall(r"\\([A-Za-z]+|.)", written)
    assert set(commands) <= COMMANDS, set(commands) - COMMANDS
    depth = 0
    for brace in re.sub(r"\\.", "", written):
        depth += (brace == "{") - (brace == "}")
        assert depth >= 0
    assert depth == 0
    assert re.findall(r"\\begin{(\w+)}", written) == re.findall(r"\\end{(\w+)}", written)
    assert written.isascii()


@pytest.mark.parametrize("op", OPS.values(), ids=list(OPS))
@pytest.mark.parametrize("value", [None, -0.5, 1.2e-7, float("inf"), "w_1", "alpha", "loss"])
def test_every_formula(op, value: str | float | None) -> None:
    values = {} if value is None else dict.fromkeys(("x0", "x1", "x2", "y", "g"), value)
    for tree in (op.formula, *op.locals, *op.vjp):
        check(latex(fill(tree, values)))


EXAMPLES: list[tuple[Tree, str]] = [
    (["mfrac", ["mn", "1"], ["mi", "x"]], r"\frac{1}{x}"),
    (["msup", ["mi", "alpha"], ["mn", "2"]], r"{\mathrm{alpha}}^{2}"),
    (["mi", "α"], r"\alpha"),
    (["mi", "loss"], r"\mathrm{loss}"),
    (["mi", "a_b"], r"\mathrm{a\_b}"),
    (["mn", "−1.2e−7"], r"-1.2 \times 10^{-7}"),
    (["mn", "∞"], r"\infty"),
    (["mn", "NaN"], r"\mathrm{NaN}"),
    (["msqrt", ["mi", "x"], ["mo", "+"], ["mi", "y"]], r"\sqrt{x + y}"),
    (["mtext", "50% & {more}"], r"\text{50\% \& \{more\}}"),
    (["mrow.gradient", ["mi", "g"]], "g"),
    (["munder", ["mo", "∑"], ["mi", "i"]], r"{\sum}_{i}"),
    (["msubsup", ["mi", "x"], ["mi", "i"], ["mn", "2"]], "{x}_{i}^{2}"),
]


@pytest.mark.parametrize("tree, written", EXAMPLES)
def test_examples(tree: Tree, written: str) -> None:
    assert latex(tree) == written


def test_textbook_derivatives() -> None:
    assert latex(fill(OPS["tanh"].locals[0], {"y": "h"})) == "1 - {h}^{2}"
    assert latex(fill(OPS["mul"].vjp[0], {"g": 3.0, "x1": -2.0})) == r"3 \cdot ( - 2 )"
    assert latex(fill(OPS["relu"].locals[0], {"x0": "x"})) == (
        r"\begin{cases} 1 & \text{if~} x > 0 \\ 0 & \text{otherwise} \end{cases}"
    )


def test_the_check_finds_what_is_broken() -> None:
    for broken in (r"\frac{1}{2", "}{", r"\undefined", r"\begin{cases} 1"):
        with pytest.raises(AssertionError):
            check(broken)
