"""The derivation is read as a student reads it, line by line, and what it says is worked out by sympy and torch."""

from __future__ import annotations

import math
import random
import re
from collections import Counter
from typing import Any
from xml.etree import ElementTree

import pytest
import sympy

import explorer
from explorer.errors import RunError
from explorer.export import Derivation, derive
from explorer.export.derivation import MOST_LINES, rows_of, split
from explorer.ops import Tree
from tests.export.graphs import LAYER, TWO_PATHS, every
from tests.ops.reading import text

SYMPY = {name: getattr(sympy, name) for name in ("sin", "cos", "tanh", "sqrt", "exp")} | {
    "e": sympy.E, "ln": sympy.log, "log": sympy.log, "sigmoid": lambda x: 1 / (1 + sympy.exp(-x)),
}  # fmt: skip


def sides(tree: Tree) -> list[Tree]:
    """What stands between the equals signs of a line."""
    parts: list[Tree] = [["mrow"]]
    for child in tree[1:] if tree[0] == "mrow" else [tree]:
        if child == ["mo", "="]:
            parts.append(["mrow"])
        else:
            parts[-1].append(child)
    return parts


def word(tree: Tree | str) -> str:
    """A symbol as one word, the same for the same symbol."""
    return tree if isinstance(tree, str) else "".join(word(child) for child in tree[1:])


def is_partial(tree: Tree) -> bool:
    return tree[0] == "mfrac" and tree[1][1:2] == [["mo", "∂"]]


def holds_local(tree: Tree | str, top: str) -> bool:
    """Whether a local derivative, of something else than the top, stands in the tree."""
    if isinstance(tree, str):
        return False
    return (is_partial(tree) and word(tree[1]) != f"∂{top}") or any(holds_local(child, top) for child in tree[1:])


class Reader:
    """Keeps what each symbol stands for, as expressions of the inputs."""

    def __init__(self, derivation: Derivation) -> None:
        self.known: dict[str, Any] = {}
        self.words: dict[str, str] = {}
        self.top = next(word(line.left[1])[1:] for line in derivation.lines if is_partial(line.left))
        left: Tree = ["mrow"]
        for line in derivation.lines:
            left = line.left if line.left != ["mrow"] else left
            self.read(left, sides(line.right)[0])

    def read(self, left: Tree, right: Tree) -> None:
        """Take the first side that says the left in known symbols."""
        if word(left) not in self.known and not holds_local(right, self.top):
            self.known[word(left)] = self.value(right)

    def value(self, tree: Tree) -> Any:
        formula = text(self.plain(tree))
        tokens = {token: self.known.get(name, sympy.Symbol(name)) for name, token in self.words.items()}
        return sympy.sympify(eval(formula, {**SYMPY, **tokens}))

    def plain(self, tree: Tree | str) -> Any:
        """The tree with every symbol and every gradient replaced by a token, so that only arithmetic is left."""
        if isinstance(tree, str):
            return tree
        if tree[0] == "msubsup":
            return self.plain(["msup", ["msub", *tree[1:3]], tree[3]])
        if tree[0] == "mi" and (tree[1] in SYMPY or tree[1] in "eΦφ"):
            return tree
        if is_partial(tree) or tree[0] in ("mi", "mtext", "msub"):
            return ["mi", self.words.setdefault(word(tree), f"s{len(self.words)}")]
        return [tree[0], *map(self.plain, tree[1:])]


class Programs:
    """Random programs of smooth operations in x, y and z, in a spelling that sympy shares."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.names = ["x", "y", "z"]

    def text(self) -> str:
        lines = []
        for number in range(self.random.randint(1, 4)):
            lines.append(f"v_{number} = {self.expression(self.random.randint(1, 3))}")
            self.names.append(f"v_{number}")
        return "\n".join([*lines, f"f = {self.expression(2)} + x*v_0 - y"])

    def expression(self, depth: int) -> str:
        if depth == 0:
            return self.random.choice([*self.names, *self.names, "2", "0.5", "3"])
        a, b = self.expression(depth - 1), self.expression(depth - 1)
        forms = (
            "({a} + {b})", "({a} - {b})", "{a} * {b}", "{a} / (3 + sin({b}))", "-{a}", "({a})**2", "({a})**3",
            "sin({a})", "cos({a})", "tanh({a})", "exp(sin({a}))", "log(2 + cos({a}))", "sqrt(2 + sin({b}))",
            "sigmoid({a})",
        )  # fmt: skip
        return self.random.choice(forms).format(a=a, b=b)


def by_sympy(program: str) -> Any:
    """The last variable as one expression of x, y and z."""
    env: dict[str, Any] = {name: sympy.Symbol(name) for name in "xyz"}
    for line in program.splitlines():
        name, expression = line.split(" = ")
        env[name] = eval(expression, {**SYMPY, **env})
    return env["f"]


def number(expression: Any, point: dict[str, float]) -> float:
    return float(sympy.N(expression.subs({sympy.Symbol(name): value for name, value in point.items()}), 30))


@pytest.mark.parametrize("seed", range(60))
def test_the_symbols_compose_to_the_derivative_of_the_whole(seed: int) -> None:
    program = Programs(seed).text()
    draw = random.Random(seed)
    traced, elsewhere = ({name: draw.uniform(-1.5, 1.5) for name in "xyz"} for _ in range(2))
    names = [name for name in "xyz" if re.search(rf"\b{name}\b", program)]
    run = explorer.trace(program, **{name: traced[name] for name in names})
    derivation = derive(run, most_lines=10_000)
    read, whole = Reader(derivation).known, by_sympy(program)
    assert derivation.cut == ""
    # A line such as v_0 = 0.5 makes an input of that value.
    leaves = [node for node in run.graph.nodes.values() if not node.inputs]
    given = {leaf.id.replace("_", ""): float(run.values[leaf.index] or 0) for leaf in leaves}
    for name in names:
        expected = sympy.diff(whole, sympy.Symbol(name))
        # What the lines say in symbols holds at every point, not only at the one that was traced.
        for point in (traced, elsewhere):
            found = read.get(f"∂f∂{name}", sympy.Integer(0))  # No line: nothing that f is made of depends on it.
            assert number(found, given | point) == pytest.approx(number(expected, point), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("seed", range(60))
def test_the_numbers_are_those_of_the_run(seed: int) -> None:
    program = Programs(seed).text()
    run = explorer.trace(program, inputs={name: 0.3 + 0.2 * i for i, name in enumerate("xyz") if name in program})
    derivation = derive(run, most_lines=10_000)
    reader, concluded = Reader(derivation), set()
    for line in derivation.lines:
        numbers = run.grad(line.node) if line.phase == "backward" else run.value(line.node)
        assert numbers is not None
        expected = float(numbers)
        for side in sides(line.right):
            if not {"∂", "mi", "mtext"} & set(re.findall(r"∂|mi\b|mtext", str(side))):
                assert float(reader.value(side)) == pytest.approx(expected, rel=2e-4, abs=2e-5)
        last = reader.value(sides(line.right)[-1])
        if last.is_number:
            assert float(last) == pytest.approx(expected, rel=1e-5, abs=1e-12)
            concluded.add((line.node, line.phase))
    assert {(id_, "backward") for id_ in run.graph.ids if run.grad(id_) is not None} <= concluded


def lines(derivation: Derivation) -> list[str]:
    return [f"{word(line.left)}={word(line.right)}" for line in derivation.lines]


def test_the_golden_example_line_by_line() -> None:
    derivation = derive(explorer.trace(TWO_PATHS), ["b"])
    assert lines(derivation) == [
        "c=a+b=2+1=3",
        "d=b+1=1+1=2",
        "e=c·d=3·2=6",
        "∂e∂e=1",
        "∂e∂d=c=3",
        "∂e∂c=d=2",
        "∂e∂b=∂e∂c·∂c∂b+∂e∂d·∂d∂b",
        "=∂e∂c·1+∂e∂d·1",
        "=2·1+3·1=5",
    ]
    assert derivation.wrt == ("b",) and derivation.cut == ""


def test_a_square_names_both_slots() -> None:
    found = lines(derive(explorer.trace("u = x * x\ny = sin(u)", x=2.0)))
    assert "∂y∂x=∂y∂u·(∂u∂x)1+∂y∂u·(∂u∂x)2" in found and "=∂y∂u·x+∂y∂u·x" in found


def test_an_upstream_gradient_makes_a_number_to_differentiate() -> None:
    found = lines(derive(explorer.trace("y = x^2", x=3.0, upstream=10.0)))
    assert "L=10·y" in found and "∂L∂y=10" in found and any(line.endswith("=60") for line in found)
    assert "L=∑y" in lines(derive(explorer.trace("y = exp(x)", x=[1.0, 2.0])))
    weighted = lines(derive(explorer.trace("y = exp(x)", x=[0.0, 0.0], upstream=[1.0, 5.0])))
    assert "L=∑[1,5]⊙y" in weighted and any(line.endswith("=[1,5]") for line in weighted)
    assert "J=∑y" in lines(derive(explorer.trace("y = L * 2", inputs={"L": [1.0, 2.0]})))


def test_tensors_are_derived_by_the_products_of_backpropagation() -> None:
    derivation = derive(explorer.trace(LAYER), ["W", "x"])
    by_name = dict(line.split("=", 1) for line in lines(derivation))
    assert by_name["∂L∂W"].startswith("∂L∂v1") and "x⊤" in by_name["∂L∂W"]
    assert by_name["∂L∂x"].startswith("W⊤") and "∂L∂v1" in by_name["∂L∂x"]


def test_an_input_that_is_repeated_gets_a_sum() -> None:
    by_name = dict(
        line.split("=", 1)
        for line in lines(derive(explorer.trace("y = sum(x * b + c)", x=[1.0, 2.0], b=3.0, c=[4.0, 5.0])))
    )
    assert "∑copies" in by_name["∂y∂b"] and "∑copies" not in by_name["∂y∂x"] + by_name["∂y∂c"]
    assert by_name["∂y∂b"].endswith("=3")  # 1 + 2


def test_different_nodes_look_different() -> None:
    derivation = derive(explorer.trace("v_1 = a * b\ny = (v_1 + a) * b", a=1.0, b=2.0))
    lefts = [word(line.left) for line in derivation.lines if line.left != ["mrow"]]
    assert len(lefts) == len(set(lefts)) == 8


def test_only_what_the_chosen_inputs_need_is_derived() -> None:
    run = explorer.trace("u = a * b\nv = c * d\ny = u + v", a=1.0, b=2.0, c=3.0, d=4.0)
    assert {line.node for line in derive(run, ["a"]).lines if line.phase == "backward"} == {"y", "u", "a"}


def test_a_node_that_no_gradient_reaches_is_refused() -> None:
    run = explorer.trace("y = a * b", a=1.0, b=2.0, requires_grad={"b": False})
    with pytest.raises(RunError, match="'b'"):
        derive(run, ["b"])
    assert derive(run).wrt == ("a",)


def test_a_long_derivation_says_where_it_is_cut() -> None:
    derivation = derive(explorer.trace("y = x\nfor i in range(1000):\n    y = y * x", x=1.001))
    assert 0.9 * MOST_LINES < len(derivation.lines) <= MOST_LINES
    assert "values are cut before y_" in derivation.cut and "gradients are cut before y_" in derivation.cut
    values = [line for line in derivation.lines if line.phase == "forward"]
    assert re.search(rf"\b{1000 - len(values):,} of 1,000", derivation.cut)


def test_a_sum_of_many_terms_says_how_many_more() -> None:
    program = "y = 0\nfor i in range(40):\n    y = y + sin(i * x)"
    found = lines(derive(explorer.trace(program, x=1.0), ["x"], most_lines=10_000))
    assert any(line.endswith("+28 more terms") for line in found)


@pytest.mark.parametrize("name", every())
def test_latex_is_balanced_and_mathml_is_well_formed(name: str) -> None:
    derivation = derive(every()[name])
    latex = derivation.latex
    assert latex.startswith("\\begin{aligned}") and latex.endswith("\\end{aligned}")
    assert Counter(re.findall(r"\\begin\{(\w+)\}", latex)) == Counter(re.findall(r"\\end\{(\w+)\}", latex))
    bare = re.sub(r"\\[{}\\&%$#_]", "", latex)
    assert bare.count("{") == bare.count("}")
    table = ElementTree.fromstring(derivation.mathml)[0]
    assert len(table) == latex.count(r"\\[6pt]") + 1 and {len(row) for row in table} == {2}


def test_a_line_that_is_too_long_is_broken_at_its_signs() -> None:
    """y = x (x + x²) = x² + x³ uses x four times, so its gradient is a sum of four."""
    lines = derive(explorer.trace("y = x * (x + x * x)", x=2.0), ["x"]).lines[-3:]
    rows = list(rows_of(lines, 12))
    assert "".join(sign for _, sign, _ in rows) == "=+++=+++=+++="
    assert [len(split(right, "+")) for _, _, right in rows] == [1] * 13
    assert [text(right) for _, _, right in rows[-5:]] == ["2*2", "2*2", "2*1", "6", "16"]
    assert list(rows_of(lines)) == [(line.left, "=", line.right) for line in lines]


def test_what_is_in_brackets_stays_in_its_row() -> None:
    bracketed: Tree = ["mrow", ["mo", "("], ["mi", "a"], ["mo", "+"], ["mi", "b"], ["mo", ")"]]
    assert split(bracketed, "+") == [bracketed]
    assert split(["mrow", bracketed, ["mo", "+"], ["mi", "c"]], "+") == [bracketed, ["mi", "c"]]


def test_not_finite_numbers_are_words() -> None:
    found = lines(derive(explorer.trace("y = log(x)\nz = y * y", x=-1.0)))
    assert any(line.endswith("NaN") for line in found)
    assert math.isnan(float(explorer.trace("y = log(x)\nz = y * y", x=-1.0).grad("x")))  # type: ignore[arg-type]
