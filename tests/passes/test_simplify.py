"""Simplified programs run to the same values and gradients; what was saved is counted by hand."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import Any

import networkx as nx
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import explorer
from explorer.passes.rewrite import Changes, Pass, Rewrite, chain, changes, prove, rerun
from explorer.passes.simplify import fold, merge, merge_exactly, prune
from explorer.run import Run
from tests.capture.test_random_programs import QUIET, scalar_programs, tensor_programs
from tests.test_execute import trace

ALL: list[Pass] = [fold, merge, prune]


@st.composite
def repetitive_programs(draw: st.DrawFn, whole: bool = False) -> tuple[str, dict[str, float]]:
    """Programs that say the same twice and compute what nobody needs; ``whole``: all their arithmetic is exact."""
    numbers = st.integers(-3, 3) if whole else st.floats(-2, 2).map(lambda x: round(x, 3))
    inputs = {name: float(draw(numbers)) for name in "abc"}
    names, said = list(inputs), ["2 * 3"]
    lines = []
    for place in range(draw(st.integers(2, 8))):
        one, two = draw(st.sampled_from(names)), draw(st.sampled_from(names))
        forms = [f"{one} {draw(st.sampled_from('+-*'))} {two}", f"max({one}, {two})", f"-{one} + 2 * 3", *said]
        forms += [] if whole else [f"sin({one}) * {two}", f"tanh({one}) + (1 + 2) / 4", f"{one} / ({two} * {two} + 1)"]
        form = draw(st.sampled_from(forms))
        said.append(form)
        names.append(f"v{place}")
        lines.append(f"v{place} = {form}")
    lines.append(f"L = {draw(st.sampled_from(names))} * {draw(st.sampled_from(names))} + {names[-1]}")
    return "\n".join(lines), inputs


def magnitudes(run: Run) -> list[float]:
    """Per node the sum over all paths of the absolute product of local derivatives: what rounding is relative to."""
    size = [0.0] * len(run.graph)
    size[run.backward.output] = 1.0
    for index in run.backward.order:
        for port, source in enumerate(run.graph.inputs[index]):
            local = run.local(run.graph.edges[run.graph.edge_starts[index] + port])
            size[source] += 0.0 if local is None else size[index] * abs(float(local))
    return size


def assert_unchanged(run: Run, rewrite: Rewrite) -> None:
    rewrite.graph.check()
    proof = prove(run, rewrite)
    assert proof.values and proof.gradients and proof.difference == 0


@settings(QUIET, max_examples=300)
@given(repetitive_programs())
def test_folding_and_pruning_change_no_bit(program: tuple[str, dict[str, float]]) -> None:
    run = trace(*program)
    for one in (fold, prune):
        assert_unchanged(run, one(run))
    assert_unchanged(run, chain(run, [fold, prune]))


@settings(QUIET, max_examples=200)
@given(st.one_of(repetitive_programs(), scalar_programs(), tensor_programs()))
def test_no_pass_and_no_chain_of_them_changes_a_bit(program: tuple[str, dict[str, Any]]) -> None:
    run = trace(*program)
    for passes in ([merge_exactly], [fold], [prune], [merge_exactly, fold, prune], [fold, merge_exactly, prune]):
        assert_unchanged(run, chain(run, passes))


@settings(QUIET, max_examples=100)
@given(repetitive_programs())
def test_merging_exactly_stops_at_rounding_alone(program: tuple[str, dict[str, float]]) -> None:
    run = trace(*program)
    every, exact = merge(run), merge_exactly(run)
    assert exact.saved <= every.saved
    assert not prove(run, every).gradients or exact.saved == every.saved


@settings(QUIET, max_examples=300)
@given(repetitive_programs(whole=True))
def test_merging_changes_no_number_where_arithmetic_is_exact(program: tuple[str, dict[str, float]]) -> None:
    run = trace(*program)
    assume(all(abs(float(x)) < 2**40 for x in [*run.values, *(g for g in run.contributions if g is not None)]))
    for passes in ([merge], [merge, prune], ALL):
        proof = prove(run, chain(run, passes))
        assert proof.values and proof.difference == 0  # a gradient of zero may have the other sign


@settings(QUIET, max_examples=300)
@given(repetitive_programs())
def test_merging_changes_no_value_and_gradients_by_rounding_alone(program: tuple[str, dict[str, float]]) -> None:
    run = trace(*program)
    rewrite = chain(run, ALL)
    after, size = rerun(run, rewrite), magnitudes(run)
    assert prove(run, rewrite).values
    for old, there in enumerate(rewrite.place):
        if there is not None and run.graph.ops[old] == "input" and run.grads[old] is not None:
            difference = abs(Fraction(run.grads[old]) - Fraction(after.grads[there]))
            assert difference <= Fraction(1e-14) * Fraction(size[old])


@settings(QUIET, max_examples=100)
@given(scalar_programs())
def test_any_scalar_program_keeps_its_values(program: tuple[str, dict[str, float]]) -> None:
    run = trace(*program)
    assert prove(run, chain(run, ALL)).values
    assert_unchanged(run, chain(run, [fold, prune]))


@settings(QUIET, max_examples=100)
@given(tensor_programs())
def test_any_tensor_program_keeps_its_values(program: tuple[str, dict[str, Any]]) -> None:
    run = trace(*program)
    assert prove(run, chain(run, ALL)).values
    assert_unchanged(run, chain(run, [fold, prune]))


@settings(QUIET, max_examples=100)
@given(repetitive_programs())
def test_after_merging_no_two_nodes_are_equal(program: tuple[str, dict[str, float]]) -> None:
    run = trace(*program)
    graph = merge(run).graph
    keys = [(graph.ops[i], tuple(ports)) for i, ports in enumerate(graph.inputs) if ports]
    assert max(Counter(keys).values(), default=1) == 1


@settings(QUIET, max_examples=100)
@given(repetitive_programs())
def test_pruning_leaves_the_ancestors_of_the_output(program: tuple[str, dict[str, float]]) -> None:
    run = trace(*program)
    graph = run.graph
    alive = nx.ancestors(graph.to_networkx(), run.output) | {run.output}
    rewrite = prune(run)
    assert {graph.ids[i] for i, there in enumerate(rewrite.place) if there is not None} == alive


def test_a_shared_sum_is_merged() -> None:
    run = explorer.trace("y = (a + b) * (b + a) + sin(a + b)", a=1.0, b=2.0)
    rewrite = merge(run)
    assert rewrite.saved == 2
    assert list(rewrite.graph.ops) == ["input", "input", "add", "mul", "sin", "add"]
    assert_unchanged(run, rewrite)


def test_what_a_chain_of_passes_changed() -> None:
    run = explorer.trace("u = a + b\nv = a + b\nk = 2 * 3\nw = sin(a)\ny = u * v * k", a=1.0, b=2.0)
    rewrite = chain(run, [merge_exactly, fold, prune])
    found, old = changes(run.graph, rewrite), run.graph.index
    new = {name: rewrite.place[old[name]] for name in ("u", "k")}
    assert new["u"] is not None and new["k"] is not None
    two, three = (i for i in range(len(run.graph)) if run.graph.ops[i] == "constant")
    assert found == Changes({new["u"]: (old["u"], old["v"])}, (new["k"],), tuple(sorted((two, three, old["w"]))))
    assert changes(run.graph, chain(run, [])) == Changes({}, (), ())


def test_merging_adds_before_it_multiplies() -> None:
    """Why a merged gradient can differ in its last bit: (0.1 + 0.2) * 7 is not 0.1 * 7 + 0.2 * 7."""
    run = explorer.trace("y = a * b * 0.1 + a * b * 0.2", a=1.0, b=7.0)
    proof = prove(run, merge(run))
    assert proof.values and not proof.gradients
    assert 0 < proof.difference < 1e-15
    assert merge_exactly(run).saved == 0


@pytest.mark.parametrize(("text", "ops"), [
    ("y = 2 * 3 * x", ["constant", "input", "mul"]),
    ("y = x ^ (1 + 1)", ["input", "constant", "pow"]),
    ("y = sin(pi / 2) + x", ["constant", "input", "add"]),
    ("k = 4 / 2\ny = k", ["constant"]),
])  # fmt: skip
def test_constants_are_folded(text: str, ops: list[str]) -> None:
    run = trace(text, {"x": 3.0})
    rewrite = fold(run)
    assert list(rewrite.graph.ops) == ops
    assert_unchanged(run, rewrite)


def test_minus_zero_is_another_constant_than_zero() -> None:
    run = explorer.trace("y = x * (0.0 * 1) + x / (0.0 * -1)", x=1.0)
    folded = chain(run, [fold, merge])
    assert prove(run, folded).values
    assert [op for op in folded.graph.ops if op == "constant"] == ["constant", "constant"]


def test_names_decisions_and_variables_move_along() -> None:
    run = explorer.trace("d = a * 2\nif a > 0:\n  y = (a + b) * d\nz = a + b\ny = y + z", a=1.0, b=2.0)
    rewrite = merge(run)
    graph = rewrite.graph
    assert graph.names[graph.find("z")] == "z" and graph.ops[graph.find("z")] == "add"
    assert [graph.ops[i] for i in graph.decisions] == ["gt"]
    assert not prune(run).graph.decisions
    assert_unchanged(run, chain(run, [prune]))


def test_another_output_stays_alive() -> None:
    run = explorer.trace("u = a * 2\ny = a + 1", a=3.0).differentiate("u")
    assert_unchanged(run, prune(run))


def test_a_long_chain_is_simplified() -> None:
    run = explorer.trace("y = x\nfor i in range(30000):\n  y = y + x * 2", x=1.0)
    rewrite = chain(run, ALL)
    assert rewrite.saved == 29999
    assert_unchanged(run, chain(run, [fold, prune]))
