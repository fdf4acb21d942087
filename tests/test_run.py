"""The run against torch's own autograd: values, gradients, contributions, accumulation, tangents."""

import math

import pytest
import torch

import explorer
from explorer.errors import RunError
from explorer.graph import Edge


def test_golden_power_of_a_line() -> None:
    run = explorer.trace("u = 3x+2\ny = u^4", x=3.0)
    assert run.value("y") == 14641
    assert run.grad("x") == 15972
    assert run.grad("u") == 5324
    (edge,) = [e for e in run.graph.edges if e.source == "x"]
    assert run.local(edge) == 3


def test_golden_two_paths_add_up() -> None:
    run = explorer.trace("e = (a+b)*(b+1)", a=2.0, b=1.0)
    assert (run.value("e"), run.grad("a"), run.grad("b")) == (6, 2, 5)
    arrivals = [a for step in run.steps for a in step.arrivals if a.edge.source == "b"]
    assert [(a.upstream, a.local, a.contribution, a.before, a.after) for a in arrivals] == [
        (3, 1, 3, None, 3),
        (2, 1, 2, 3, 5),
    ]


def test_golden_difference_of_squares() -> None:
    run = explorer.trace("y = (a-b)*(a+b)", a=3.0, b=2.0)
    assert (run.value("y"), run.grad("a"), run.grad("b")) == (5, 6, -4)


def test_golden_product_of_a_sum() -> None:
    run = explorer.trace("z = (x+y)*w", x=2.0, y=-5.0, w=4.0)
    assert [run.grad(k).item() for k in "xyw"] == [4, 4, -3]


def test_golden_shared_squares() -> None:
    text = "p = b^2\nq = d^2\nf = ((a+b)*p) + ((c-d)*q)"
    a, b, c, d = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (1.0, 2.0, 3.0, 4.0))
    p, q = b**2, d**2
    ((a + b) * p + (c - d) * q).backward()
    run = explorer.trace(text, a=1, b=2, c=3, d=4)
    for name, leaf in zip("abcd", (a, b, c, d), strict=True):
        assert torch.equal(run.grad(name), leaf.grad)


def test_the_same_operand_twice_brings_two_contributions() -> None:
    run = explorer.trace("y = x*x", x=3.0)
    assert [run.contribution(Edge("x", "y", port)).item() for port in (0, 1)] == [3, 3]
    assert run.grad("x") == 6


def test_steps_go_forward_in_execution_order_and_backward_in_reverse() -> None:
    run = explorer.trace("e = (a+b)*(b+1)", a=2.0, b=1.0)
    forward = [s.node for s in run.steps if s.phase == "forward"]
    backward = [s.node for s in run.steps if s.phase == "backward"]
    assert forward == list(run.graph.nodes)
    assert backward == [n for n in reversed(forward) if run.graph.nodes[n].kind == "op"]
    assert [s.index for s in run.steps] == list(range(len(run.steps)))


def test_any_node_can_be_the_output() -> None:
    run = explorer.trace("c = a*b\ny = c + a", a=2.0, b=3.0)
    other = run.differentiate("c")
    assert other.output == "c"
    assert (other.grad("a"), other.grad("b")) == (3, 2)
    assert other.grad("y") is None, "what comes after the output has no gradient"
    assert other.value("y") == 8


def test_a_shaped_output_starts_from_ones_or_what_is_given() -> None:
    run = explorer.trace("y = v*v", v=[1.0, 2.0, 3.0])
    assert run.upstream.tolist() == [1, 1, 1]
    assert run.grad("v").tolist() == [2, 4, 6]
    assert run.differentiate("y", [1, 0, 10]).grad("v").tolist() == [2, 0, 60]
    with pytest.raises(RunError, match=r"shape \[2\].*shape \[3\]"):
        run.differentiate("y", [1, 2])
    with pytest.raises(RunError, match="not made of numbers"):
        run.differentiate("y", "ones")


def test_what_is_not_computed_is_none_and_never_zero() -> None:
    run = explorer.trace("y = 2*a\nz = b + 1\nw = y", a=1.0, b=1.0)
    assert run.grad("b") is None and run.grad("z") is None
    constant = next(n.id for n in run.graph.nodes.values() if n.kind == "constant")
    assert run.grad(constant) is None
    assert run.contribution(Edge(constant, "y", 0)) is None


def test_pruning_an_input() -> None:
    run = explorer.trace("y = a*b", requires_grad={"b": False}, a=2.0, b=3.0)
    assert run.grad("a") == 3 and run.grad("b") is None
    assert not run.graph.nodes["b"].requires_grad and run.graph.nodes["y"].requires_grad
    nothing = explorer.trace("y = a*b", requires_grad={"a": False, "b": False}, a=2.0, b=3.0)
    assert nothing.grad("y") is None
    assert [s.phase for s in nothing.steps] == ["forward"] * 3


def test_local_derivatives_by_kind_of_operation() -> None:
    run = explorer.trace("y = sin(v)\nz = A @ v\ns = sum(y) * t", v=[0.5, 1.5], A=[[1, 2], [3, 4]], t=2.0)
    assert torch.equal(run.local(Edge("v", "y", 0)), torch.cos(run.value("v")))
    jacobian = run.local(Edge("v", "z", 1))
    assert torch.equal(jacobian, run.value("A")), "d(Av)/dv is A"
    assert run.local(Edge("v1", "s", 0)) == 2


def test_a_large_jacobian_is_not_written_out() -> None:
    run = explorer.trace("z = A @ v", A=torch.ones(70, 70), v=torch.ones(70))
    assert run.local(Edge("A", "z", 0)) is None
    assert run.contribution(Edge("A", "z", 0)).shape == (70, 70)


@pytest.mark.parametrize("name", ["x", "W", "b"])
def test_forward_mode_agrees_with_torch(name: str) -> None:
    text = "h = tanh(W @ x + b)\nL = mean((h - t)^2) + norm(W) * max(x)"
    given = {
        "x": [0.3, -1.2],
        "W": [[0.5, -0.2], [1.5, 0.7], [0.1, 0.9]],
        "b": [0.1, 0.2, 0.3],
        "t": [1, 0, -1],
    }
    run = explorer.trace(text, inputs=given)
    tensors = {k: torch.tensor(v, dtype=torch.float64) for k, v in given.items()}

    def loss(moved: torch.Tensor) -> torch.Tensor:
        m = {**tensors, name: moved}
        h = torch.tanh(m["W"] @ m["x"] + m["b"])
        return ((h - m["t"]) ** 2).mean() + torch.linalg.vector_norm(m["W"]) * m["x"].max()

    direction = torch.linspace(-1, 1, tensors[name].numel(), dtype=torch.float64).reshape(tensors[name].shape)
    _, expected = torch.func.jvp(loss, (tensors[name],), (direction,))
    tangents = run.tangents(name, direction)
    assert torch.allclose(tangents.value("L"), expected, rtol=1e-12, atol=1e-14)
    assert torch.allclose((run.grad(name) * direction).sum(), expected, rtol=1e-12, atol=1e-14)


def test_forward_mode_sums_over_the_ports() -> None:
    run = explorer.trace("e = (a+b)*(b+1)", a=2.0, b=1.0)
    tangents = run.tangents("b")
    assert tangents.value("e") == 5 and tangents.value("a") is None
    last = tangents.steps[-1]
    assert (last.phase, last.node) == ("tangent", "e")
    assert [(a.upstream, a.local, a.contribution, a.before, a.after) for a in last.arrivals] == [
        (1, 2, 2, None, 2), (1, 3, 3, 2, 5),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "given", "where"),
    [
        ("y = 1 / x\nz = y + 1", {"x": 0.0}, "y"),
        ("y = log(x)\nz = y * 2", {"x": -1.0}, "y"),
        ("y = exp(x)\nz = y - y", {"x": 1000.0}, "y"),
        ("y = x + 1", {"x": math.nan}, "x"),
        ("v = [1, x]\ny = v / [1, 0]", {"x": 1.0}, "y"),
    ],
)
def test_the_first_node_that_is_not_finite_is_named(text: str, given: dict[str, float], where: str) -> None:
    assert explorer.trace(text, inputs=given).nonfinite == where
    assert explorer.trace("y = 1 / x", x=4.0).nonfinite is None


def test_nobody_elses_tensors_are_touched() -> None:
    w = torch.ones(2, requires_grad=True)
    run = explorer.trace("y = sum(w * w)", w=w)
    assert w.grad is None and w.dtype == torch.float32
    assert run.grad("w").tolist() == [2, 2]


def test_true_and_false_count_as_floats_in_arithmetic() -> None:
    """Python's own True + True would be an integer, and integers grow without bound."""
    run = explorer.trace("y = ((a > b) + (a > b)) * -(a > b)", a=1.0, b=0.0)
    assert run.value("y") == -2 and type(run.values[-1]) is float


def test_a_mask_before_a_softmax_is_no_mishap() -> None:
    run = explorer.trace("s = [log(x), 1]\ny = softmax(s)", x=0.0)
    assert run.value("s").isinf().any() and run.nonfinite is None  # type: ignore[union-attr]
    assert explorer.trace("s = [log(x), 1]\ny = softmax(s)\nz = sum(s)", x=0.0).nonfinite is not None
    assert explorer.trace("s = [1 / x, 1]\ny = softmax(s)", x=0.0).nonfinite == "v1"
