"""Random programs: our values and gradients beside torch autograd's on the same text, bit for bit.

A program is built as text that is both of our language and Python; torch's side evaluates that very text line
by line with torch's functions.
"""

import math
import os
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

numbers = st.floats(-4, 4, allow_nan=False).map(lambda x: round(x, 3))


@st.composite
def scalar_programs(draw: st.DrawFn) -> tuple[str, dict[str, float]]:
    """Some lines over three numbers; every line may use all names before it, any of them more than once."""
    inputs = {name: draw(numbers) for name in "abc"}
    names, lines = list(inputs), []
    for place in range(draw(st.integers(1, 8))):
        one, two = draw(st.sampled_from(names)), draw(st.sampled_from(names))
        forms = [
            f"{one} {draw(st.sampled_from('+-*/'))} {two}", f"-{one}", f"{draw(st.sampled_from(UNARY))}({one})",
            f"{one} ** {draw(st.sampled_from([2, 3, 0.5, -1, -2, 4, 1]))}", f"{draw(numbers)} * {one} + {two}",
            f"{draw(st.sampled_from(['max', 'min']))}({one}, {two})", f"where({one} > {two}, {two}, {one} * {one})",
            f"({one} + {two}) * ({one} - {two}) / ({two} * {two} + 1)", f"abs({one}) ** {two}",
        ]  # fmt: skip
        names.append(f"v{place}")
        lines.append(f"v{place} = {draw(st.sampled_from(forms))}")
    return "\n".join(lines), inputs


@st.composite
def tensor_programs(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """Some lines over matrices A, B [n, m] and a vector v [m], all of one broadcastable family, and a loss."""
    n, m = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    matrix = st.lists(st.lists(numbers, min_size=m, max_size=m), min_size=n, max_size=n)
    inputs = {"A": draw(matrix), "B": draw(matrix), "v": draw(st.lists(numbers, min_size=m, max_size=m))}
    shaped, lines = ["A", "B"], []
    for place in range(draw(st.integers(1, 5))):
        one, two = draw(st.sampled_from(shaped)), draw(st.sampled_from([*shaped, "v"]))
        forms = [
            f"{one} {draw(st.sampled_from('+-*'))} {two}", f"{draw(st.sampled_from(UNARY[:3] + UNARY[6:]))}({one})",
            f"{one} @ transpose(B) @ A", f"softmax({one})", f"{one} / ({two} * {two} + 1)", f"max({one}, {two})",
            f"{one} * sum({two})", f"{one} - mean({two})", f"{one} + norm({one})", f"2 * {one} ** 2",
            f"where({one} > {two}, {one}, {two} * {one})", f"{one} * max({two})",
        ]  # fmt: skip
        shaped.append(f"T{place}")
        lines.append(f"T{place} = {draw(st.sampled_from(forms))}")
    loss = draw(st.sampled_from(["sum(X)", "mean(X * X)", "mse(X, B)", "sum(X @ v)", "dot(v, v) * mean(X)"]))
    return "\n".join([*lines, "L = " + loss.replace("X", shaped[-1])]), inputs


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
    run = explorer.trace(text, inputs={k: v for k, v in inputs.items() if k in explorer.Program(text).inputs})
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
    a, b = (torch.as_tensor(x, dtype=torch.float64).nan_to_num(7) for x in (a, b))
    return torch.equal(a, b)


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
    text, inputs = program
    run = explorer.trace(text, inputs={k: v for k, v in inputs.items() if k in explorer.Program(text).inputs})
    for name in explorer.Program(text).inputs:
        reverse, forward = run.grad(name), run.tangents(name).value(run.output)
        if reverse is None or forward is None:
            assert forward is None or forward == 0 or reverse is None
        elif math.isfinite(reverse) and math.isfinite(forward):
            cancelled = max(abs(float(c)) for c in run.contributions if c is not None)
            assert abs(reverse - forward) <= 1e-11 * max(1.0, cancelled)
