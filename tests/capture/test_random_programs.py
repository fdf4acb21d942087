"""Random programs: our values and gradients beside torch autograd's on the same text, bit for bit.

A program is built as text that is both of our language and Python; torch's side evaluates that very text line
by line with torch's functions.
"""

import math
import os
import random
from collections.abc import Sequence
from typing import Any

import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import explorer

SCALE = int(os.environ.get("RANDOM_PROGRAMS", "1"))
QUIET = settings(deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True)

TORCH: dict[str, Any] = {
    "sin": torch.sin, "cos": torch.cos, "tan": torch.tan, "exp": torch.exp, "log": torch.log, "sqrt": torch.sqrt,
    "abs": torch.abs, "tanh": torch.tanh, "sigmoid": torch.sigmoid, "relu": torch.relu,
    "gelu": torch.nn.functional.gelu, "softplus": torch.nn.functional.softplus,
    "max": lambda a, b=None: torch.amax(a) if b is None else torch.maximum(a, b),
    "min": lambda a, b=None: torch.amin(a) if b is None else torch.minimum(a, b),
    "sum": torch.sum, "mean": torch.mean, "softmax": lambda a: torch.softmax(a, -1), "where": torch.where,
    "norm": torch.linalg.vector_norm, "dot": torch.dot, "pow": torch.pow,
    "clip": lambda a, lo, hi: torch.clamp(a, lo, hi), "transpose": lambda a: a.mT,
    "mse": torch.nn.functional.mse_loss,
}  # fmt: skip
UNARY = ["sin", "cos", "tan", "exp", "log", "sqrt", "abs", "tanh", "sigmoid", "relu", "gelu", "softplus"]

SPECIAL = (0.0, 1.0, -1.0, 2.0, -2.0, 0.5, 4.0, -4.0)

seeds = st.integers(0, 2**64 - 1)
"""One is drawn for the inputs and one for each line: hypothesis then shrinks a program by leaving lines out."""


def number(dice: random.Random) -> float:
    """Between -4 and 4; often one of those at which functions have kinks, poles and zeros."""
    return dice.choice(SPECIAL) if dice.random() < 0.3 else round(dice.uniform(-4, 4), 3)


numbers = seeds.map(lambda seed: number(random.Random(seed)))


def scalar_line(dice: random.Random, names: Sequence[str]) -> str:
    one, two = dice.choice(names), dice.choice(names)
    forms = [
        f"{one} {dice.choice('+-*/')} {two}", f"-{one}", f"{dice.choice(UNARY)}({one})",
        f"{one} ** {dice.choice([2, 3, 0.5, -1, -2, 4, 1])}", f"{number(dice)} * {one} + {two}",
        f"{dice.choice(['max', 'min'])}({one}, {two})", f"where({one} > {two}, {two}, {one} * {one})",
        f"({one} + {two}) * ({one} - {two}) / ({two} * {two} + 1)", f"abs({one}) ** {two}",
    ]  # fmt: skip
    return dice.choice(forms)


def scalar_program(inputs: int, lines: Sequence[int]) -> tuple[str, dict[str, float]]:
    """Some lines over three numbers; every line may use all names before it, any of them more than once."""
    dice = random.Random(inputs)
    values = {name: number(dice) for name in "abc"}
    names, text = list(values), []
    for place, seed in enumerate(lines):
        text.append(f"v{place} = {scalar_line(random.Random(seed), names)}")
        names.append(f"v{place}")
    return "\n".join(text), values


def tensor_line(dice: random.Random, shaped: Sequence[str]) -> str:
    one, two = dice.choice(shaped), dice.choice([*shaped, "v"])
    forms = [
        f"{one} {dice.choice('+-*')} {two}", f"{dice.choice(UNARY[:3] + UNARY[6:])}({one})",
        f"{one} @ transpose(B) @ A", f"softmax({one})", f"{one} / ({two} * {two} + 1)", f"max({one}, {two})",
        f"{one} * sum({two})", f"{one} - mean({two})", f"{one} + norm({one})", f"2 * {one} ** 2",
        f"where({one} > {two}, {one}, {two} * {one})", f"{one} * max({two})",
    ]  # fmt: skip
    return dice.choice(forms)


LOSSES = ["sum(X)", "mean(X * X)", "mse(X, B)", "sum(X @ v)", "dot(v, v) * mean(X)"]


def tensor_program(inputs: int, lines: Sequence[int]) -> tuple[str, dict[str, Any]]:
    """Some lines over matrices A, B [n, m] and a vector v [m], all of one broadcastable family, and a loss."""
    dice = random.Random(inputs)
    n, m = dice.randint(1, 4), dice.randint(1, 4)
    values: dict[str, Any] = {name: [[number(dice) for _ in range(m)] for _ in range(n)] for name in "AB"}
    values["v"] = [number(dice) for _ in range(m)]
    shaped, text = ["A", "B"], []
    for place, seed in enumerate(lines):
        text.append(f"T{place} = {tensor_line(random.Random(seed), shaped)}")
        shaped.append(f"T{place}")
    return "\n".join([*text, "L = " + dice.choice(LOSSES).replace("X", shaped[-1])]), values


def lines(most: int) -> st.SearchStrategy[list[int]]:
    return st.lists(seeds, min_size=1, max_size=most)


def scalar_programs() -> st.SearchStrategy[tuple[str, dict[str, float]]]:
    return st.builds(scalar_program, seeds, lines(8))


def tensor_programs() -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    return st.builds(tensor_program, seeds, lines(5))


def by_torch(text: str, inputs: dict[str, Any]) -> tuple[dict[str, torch.Tensor], dict[str, torch.Tensor | None]]:
    """Every named value, and the gradient of the last with respect to every named value."""
    names = {k: torch.tensor(v, dtype=torch.float64, requires_grad=True) for k, v in inputs.items()}
    last = ""
    for line in text.splitlines():
        last, _, right = line.partition(" = ")
        names[last] = eval(right, {**TORCH, "__builtins__": {}}, names)
    if not names[last].requires_grad:
        return names, dict.fromkeys(names)
    kept = [name for name, tensor in names.items() if tensor.requires_grad]
    grads = torch.autograd.grad(names[last], [names[name] for name in kept], allow_unused=True)
    return names, dict(zip(kept, grads, strict=True))


def compare(text: str, inputs: dict[str, Any]) -> None:
    run = traced(text, inputs)
    values, grads = by_torch(text, inputs)
    run.graph.check()
    for name in run.graph.variables:
        assert same(run.value(name), values[name].detach()), (name, text)
        expected, got = grads.get(name), run.grad(name)
        if expected is None:
            assert got is None or not run.graph.nodes[run.graph.ids[run.graph.find(name)]].requires_grad, name
        else:
            assert got is not None and same(got, expected), (name, text, got, expected)
    contributions_sum_up(run)


def traced(text: str, inputs: dict[str, Any]) -> explorer.Run:
    """The run with those of the ``inputs`` that the program uses."""
    program = explorer.Program(text)
    return program.run({name: value for name, value in inputs.items() if name in program.inputs})


def contributions_sum_up(run: explorer.Run) -> None:
    """In the engine's order, exactly; the output's own seed comes first."""
    totals: dict[str, Any] = {run.output: run.upstream}
    for step in run.steps:
        for arrival in step.arrivals:
            source = arrival.edge.source
            totals[source] = arrival.contribution if source not in totals else totals[source] + arrival.contribution
            assert same(totals[source], arrival.after)
            local, product = arrival.local, None
            if isinstance(local, float) and isinstance(arrival.upstream, float):
                product = arrival.upstream * local
                scale = max(abs(product), 1e-300)
                assert not math.isfinite(product) or abs(product - arrival.contribution) <= 1e-12 * scale
    for node in run.graph.nodes:
        if run.grad(node) is not None:
            assert same(totals[node], run.grad(node))


def same(a: Any, b: Any) -> bool:
    """To the last bit; NaN is the same as NaN."""
    if isinstance(a, float) and isinstance(b, float):
        return a == b or (a != a and b != b)
    a, b = (torch.as_tensor(x, dtype=torch.float64) for x in (a, b))
    return torch.equal(a, b) or (a.shape == b.shape and bool(((a == b) | (a.isnan() & b.isnan())).all()))


@settings(QUIET, max_examples=1600 * SCALE)
@given(scalar_programs())
def test_scalar_programs(program: tuple[str, dict[str, float]]) -> None:
    compare(*program)


@settings(QUIET, max_examples=500 * SCALE)
@given(tensor_programs())
def test_tensor_programs(program: tuple[str, dict[str, Any]]) -> None:
    compare(*program)


@settings(QUIET, max_examples=200 * SCALE)
@given(scalar_programs())
def test_forward_mode_on_scalar_programs(program: tuple[str, dict[str, float]]) -> None:
    """Both modes reach the same derivative."""
    run = traced(*program)
    for name in [id_ for id_, op in zip(run.graph.ids, run.graph.ops, strict=True) if op == "input"]:
        reverse, forward = run.grad(name), run.tangents(name).value(run.output)
        if reverse is None or forward is None:
            assert forward is None or forward == 0 or reverse is None
        elif math.isfinite(reverse) and math.isfinite(forward):
            cancelled = max(abs(float(c)) for c in run.contributions if c is not None)
            assert abs(reverse - forward) <= 1e-11 * max(1.0, cancelled)


def test_the_programs_are_many_and_of_all_forms() -> None:
    """What hypothesis draws from: two thousand programs hardly repeat, and every function comes up in them."""
    dice = random.Random(1)
    programs = {scalar_program(dice.getrandbits(64), [dice.getrandbits(64) for _ in range(6)])[0] for _ in range(2000)}
    assert len(programs) > 1990
    assert all(any(f"{name}(" in text for text in programs) for name in [*UNARY, "max", "min", "where"])
