"""Programs built once, beside the same programs run as they are read: the same results, whichever way they go."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.capture.expression import Program
from explorer.capture.static import build
from explorer.errors import CaptureError, ExplorerError, NameProblem, ProgramError
from explorer.run import as_tensor
from explorer.ui.examples import examples
from tests.capture.test_random_programs import QUIET, same, scalar_programs, tensor_programs

LEAF = "if x > 0:\n  y = x^2\nelse:\n  y = 0.1 * x"
NEWTON = "r = x\nwhile abs(r*r - x) > 0.000001:\n  r = (r + x / r) / 2"


def given_to(program: Program, inputs: dict[str, Any]) -> dict[str, Any]:
    found = {name: inputs.get(name, entry.default) for name, entry in program.inputs.items()}
    return {name: as_tensor(value) if isinstance(value, float) else torch.as_tensor(value, dtype=torch.float64)
            for name, value in found.items()}  # fmt: skip


def agrees(text: str, inputs: dict[str, Any]) -> None:
    program = Program(text)
    given = given_to(program, inputs)
    run = program.run(given)
    assert same(build(program).watch(given).result, run.value(run.output))


@st.composite
def branching_programs(draw: st.DrawFn) -> tuple[str, dict[str, float]]:
    """Lines of a scalar program, some of them on one side of a branch or the other, some in a loop."""
    text, inputs = draw(scalar_programs())
    names, lines = list(inputs), ["a = 1 * a", "b = 1 * b"]
    for line in text.splitlines():
        name, _, right = line.partition(" = ")
        test = f"{draw(st.sampled_from(names))} {draw(st.sampled_from(['>', '<=']))} {draw(st.sampled_from(names))}"
        other = draw(st.sampled_from(names))
        form = draw(st.sampled_from(["plain", "if", "old", "for", "while", "nested"]))
        if form == "if":
            lines += [
                f"if {test} and {test}:",
                f"  {name} = {right}",
                "else:",
                f"  {name} = {other} * 2",
                f"  a = {other}",
            ]
        elif form == "old":
            lines += [f"{name} = {other}", f"if not {test}:", f"  {name} = {right}"]
        elif form == "nested":
            lines += [
                f"if {test}:",
                f"  if {other} > 0 or {test}:",
                f"    b = {right}",
                f"{name} = {right} if {test} else b",
            ]
        elif form == "for":
            lines += [f"{name} = {other}", "for i in range(3):", f"  {name} = {name} / 2 + i * {right}"]
        elif form == "while":
            lines += ["n = 0", f"{name} = {other}", "while n < 3:", "  n = n + 1", f"  {name} = tanh({name}) + {right}"]
        else:
            lines.append(line)
        names.append(name)
    return "\n".join([*lines, f"L = {names[-1]} + a"]), inputs


@settings(QUIET, max_examples=80)
@given(branching_programs())
def test_a_built_program_gives_what_a_run_gives(program: tuple[str, dict[str, float]]) -> None:
    agrees(*program)


@settings(QUIET, max_examples=40)
@given(tensor_programs())
def test_tensor_programs_are_built_too(program: tuple[str, dict[str, Any]]) -> None:
    agrees(*program)


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.title)
def test_every_example_is_built(example: Any) -> None:
    agrees(example.program, dict(example.inputs))


@pytest.mark.parametrize("text", [LEAF, NEWTON, f"{LEAF}\nif y > 1:\n  y = y * 2\n  if x > 3:\n    y = -y\nz = y + 1"])
def test_torch_export_takes_it_once_for_all_inputs(text: str) -> None:
    program = Program(text)
    built = build(program)
    module = built.export(given_to(program, {"x": 1.5})).module()
    for x in (1.5, 0.25, 4.0, 9.0):
        run = program.run({"x": x})
        assert same(module(*built.arguments({"x": x})), run.value(run.output))
    operators = {str(node.target) for node in built.exported.graph.nodes}
    assert operators & {"cond", "while_loop"}


def test_what_was_taken_is_seen() -> None:
    built = build(Program(LEAF))
    assert built.watch({"x": 2.0}).taken == {"cond": True}
    assert built.watch({"x": -2.0}).taken == {"cond": False}
    turns = build(Program(NEWTON)).watch({"x": 2.0}).turns
    scopes = {scope for scope in Program(NEWTON).run({"x": 2.0}).graph.scopes if scope}
    assert turns == {"while_loop": len(scopes)}


@pytest.mark.parametrize(("text", "error", "says"), [
    ("s = 0 * a\nfor i in range(n):\n  s = s + a", ProgramError, "The number n is known only when the program runs"),
    ("v = [1, 2, 3]\ny = v[n]", ProgramError, "known only when the program runs"),
    ("if a > 0:\n  u = a\ny = u", NameProblem, "'u' need not have a value here"),
    ("while 2 > 1:\n  u = 3", ProgramError, "no turn differs"),
])  # fmt: skip
def test_what_cannot_be_built_beforehand_says_why(text: str, error: type[ExplorerError], says: str) -> None:
    with pytest.raises(error, match=says):
        build(Program(text))


def test_sides_of_different_shapes_are_refused_by_torch() -> None:
    program = Program("if a > 0:\n  y = [a, a]\nelse:\n  y = a\nz = 2 * y")
    with pytest.raises(CaptureError, match="torch.export gave up"):
        build(program).export({"a": 1.0})
    assert build(program).watch({"a": 1.0}).result.tolist() == [2.0, 2.0]


def test_a_loop_without_end_is_given_up() -> None:
    with pytest.raises(ProgramError, match="turned more than"):
        build(Program("y = a\nwhile y > 0:\n  y = y * 1")).watch({"a": 1.0})
