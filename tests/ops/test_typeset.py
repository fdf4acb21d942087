"""Filling slots keeps the meaning, and what is written is well-formed MathML."""

from __future__ import annotations

import random
import re
from xml.etree import ElementTree

import pytest

from explorer.ops import OPS, Tree
from explorer.ops.notation import N, cases, row, slot, transposed
from explorer.ops.typeset import fill, mathml
from tests.ops.reading import evaluate, text

TREES = [
    pytest.param(tree, id=f"{op.name}-{place}")
    for op in OPS.values()
    for place, tree in enumerate((op.formula, *op.locals, *op.vjp))
]
READABLE = [
    pytest.param(tree, id=f"{op.name}-{place}")
    for op in OPS.values()
    if op.elementwise and any(op.differentiable)
    for place, tree in enumerate((op.formula, *op.locals, *op.vjp))
    if tree[0] != "mtext"
]
SLOTS = ("x0", "x1", "x2", "y", "g")


@pytest.mark.parametrize("tree", READABLE)
def test_numbers_put_in_mean_the_same(tree: Tree) -> None:
    draw = random.Random(5)
    for _ in range(20):
        values = {name: draw.choice((-2.5, -1.0, 0.5, 3.0)) for name in SLOTS}
        if "ln" in text(tree) or "sqrt" in text(tree):
            values = {name: abs(x) for name, x in values.items()}
        assert evaluate(fill(tree, values)) == pytest.approx(evaluate(tree, **values), nan_ok=True)


@pytest.mark.parametrize("tree", READABLE)
def test_compound_terms_put_in_mean_the_same(tree: Tree) -> None:
    terms: dict[str, Tree] = {
        "x0": row(["mi", "a"], "+", ["mi", "b"]),
        "x1": row("−", ["mi", "a"]),
        "x2": ["mfrac", ["mi", "a"], ["mi", "b"]],
        "y": row(["mi", "a"], "−", ["mi", "b"]),
        "g": row(["mi", "b"], "·", ["mi", "a"]),
    }
    letters = {"a": 1.75, "b": 0.5}
    values = {key: evaluate(term, **letters) for key, term in terms.items()}
    assert evaluate(fill(tree, terms), **letters) == pytest.approx(evaluate(tree, **values), nan_ok=True)


@pytest.mark.parametrize("tree", READABLE)
def test_a_minus_sign_never_follows_an_operator(tree: Tree) -> None:
    filled = fill(tree, dict.fromkeys(SLOTS, -2.0))
    assert not re.search(r"[-+*/=<>@]\s*-", text(filled))


def test_parentheses() -> None:
    product = row(slot("g"), "·", slot("x0"))
    assert text(fill(product, {"g": -3.0, "x0": -2.0})) == "-3*(-2)"
    assert text(fill(product, {"g": 3.0, "x0": 2.0})) == "3*2"
    assert text(fill(["msup", slot("x0"), ["mn", "2"]], {"x0": -2.0})) == "(-2)**(2)"
    assert text(fill(["msup", slot("x0"), ["mn", "2"]], {"x0": 1.2e-7})) == "(1.2e-7)**(2)"
    assert text(fill(["mfrac", slot("x0"), slot("x1")], {"x0": -1.0, "x1": -2.0})) == "((-1)/(-2))"
    assert text(fill(["mrow", ["mi", "sin"], ["mo", "\u2061"], row("(", slot("x0"), ")")], {"x0": -1.0})) == "sin((-1))"


def test_names_numbers_places_and_lists_put_in() -> None:
    tree = OPS["index"].formula
    assert fill(tree, {"x0": "w1", "index": (0, 2)}) == [
        "msub", ["msub", ["mi", "w"], ["mn", "1"]], ["mrow", ["mn", "0"], ["mo", ","], ["mn", "2"]],
    ]  # fmt: skip
    stacked = fill(OPS["stack"].formula, {"x0": "a", "x1": -1.0, "x10": "c", "x2": "b", "y": "v"})
    assert mathml(stacked) == (
        "<mrow><mo>[</mo><mrow><mi>a</mi><mo>,</mo><mrow><mo>−</mo><mn>1</mn></mrow><mo>,</mo><mi>b</mi>"
        "<mo>,</mo><mi>c</mi></mrow><mo>]</mo></mrow>"
    )
    assert fill(slot("x0"), {}) == ["msub", ["mi", "x"], ["mn", "0"]]
    assert fill(N, {"n": 3.0}) == N


@pytest.mark.parametrize(
    "base, exponent, slope",
    [("x", 2.0, "2*x"), ("x", 3.0, "3*x**(2)"), ("x", 0.5, "0.5*x**(-0.5)"), (-2.0, 2.0, "2*(-2)")],
)
def test_a_difference_of_numbers_in_an_exponent_is_worked_out(base: str | float, exponent: float, slope: str) -> None:
    assert text(fill(OPS["pow"].locals[0], {"x0": base, "x1": exponent})) == slope


def test_an_exponent_stands_above_the_subscript() -> None:
    assert fill(OPS["pow"].formula, {"x0": "w1", "x1": 2.0}) == ["msubsup", ["mi", "w"], ["mn", "1"], ["mn", "2"]]
    assert fill(transposed(slot("x0")), {"x0": "w1"}) == ["msubsup", ["mi", "w"], ["mn", "1"], ["mo", "⊤"]]


def test_a_transpose_is_an_upright_letter_on_one_row_in_brackets() -> None:
    slope = ["mfrac", ["mrow", ["mo", "∂"], ["mi", "y"]], ["mrow", ["mo", "∂"], ["mi", "v"]]]
    product = fill(transposed(slot("g")), {"g": row(slope, "·", ["mi", "a"])})
    assert mathml(product).startswith("<msup><mrow><mo>(</mo>")
    assert mathml(product).endswith('<mo>)</mo></mrow><mi mathvariant="normal">T</mi></msup>')


def test_filling_leaves_the_table_as_it_is() -> None:
    before = str(OPS["tanh"].vjp)
    fill(OPS["tanh"].vjp[0], {"g": 1.0, "y": 0.5})
    assert str(OPS["tanh"].vjp) == before


@pytest.mark.parametrize("tree", TREES)
@pytest.mark.parametrize("values", [{}, dict.fromkeys(SLOTS, -0.5), dict.fromkeys(SLOTS, "w_1")])
def test_mathml_is_well_formed(tree: Tree, values: dict[str, str | float]) -> None:
    element = ElementTree.fromstring(mathml(fill(tree, values)))
    children = {"mfrac": 2, "msup": 2, "msub": 2, "msubsup": 3, "munder": 2, "mover": 2}
    for part in element.iter():
        assert len(part) == children.get(part.tag, len(part))
        assert part.tag != "slot"
        if part.tag in ("mi", "mn", "mo", "mtext"):
            assert part.text and not len(part)


def test_text_is_escaped() -> None:
    hostile = "<script>alert('&\"')</script>"
    element = ElementTree.fromstring(mathml(fill(slot("x0"), {"x0": hostile})))
    assert element.tag == "mi" and element.text == hostile


def test_a_role_becomes_a_class() -> None:
    assert mathml(["mrow.gradient", ["mn", "3"]]) == '<mrow class="gradient"><mn>3</mn></mrow>'


def test_cases_are_a_table_behind_a_brace() -> None:
    written = mathml(cases((["mn", "1"], ["mtext", "otherwise"])))
    assert written.startswith("<mrow><mo>{</mo><mtable><mtr><mtd>")
