"""Plans against an allocator that hands out and takes back every buffer, and by computing with nothing else at hand."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import explorer
from explorer import models
from explorer.errors import RunError
from explorer.execute import execute, leaves
from explorer.graph import Graph
from explorer.ops import OPS
from explorer.passes.kept import kept
from explorer.passes.memory import Plan, inference, training
from explorer.run import Run, as_tensor
from explorer.segment.rehearsal import rehearse
from tests.capture.test_random_programs import QUIET, same, scalar_programs, tensor_programs
from tests.test_execute import trace

programs = st.one_of(scalar_programs(), tensor_programs())


def allocate(plan: Plan, reuse: bool) -> int:
    """The high-water mark of an allocator that counts the reads still to come and frees at the last."""
    awaited = Counter(buffer for action in plan.actions for buffer in set(action.reads))
    held: dict[int, int] = {}
    high = 0
    for action in plan.actions:
        for buffer in action.writes:
            assert buffer not in held
            held[buffer] = plan.buffers[buffer].bytes
        high = max(high, sum(held.values()))
        for buffer in set(action.reads):
            assert buffer in held
            awaited[buffer] -= 1
        for buffer in {*action.reads, *action.writes}:
            if reuse and not awaited[buffer]:
                del held[buffer]
    return high


def checkpoints(run: Run, seed: int) -> list[int]:
    return [i for i in range(len(run.graph)) if (i * 2654435761 + seed) % 7 < 3]


@settings(QUIET, max_examples=200)
@given(programs, st.integers(0, 6))
def test_the_peak_is_what_an_allocator_needs(program: tuple[str, dict[str, Any]], seed: int) -> None:
    run = trace(*program)
    for plan in (inference(run), training(run), training(run, checkpoints(run, seed)), training(run, [])):
        assert plan.peak == allocate(plan, reuse=True)
        assert plan.total == allocate(plan, reuse=False)
        assert plan.peak <= plan.total


@settings(QUIET, max_examples=200)
@given(programs, st.integers(0, 6))
def test_a_plan_is_enough_to_compute_every_gradient(program: tuple[str, dict[str, Any]], seed: int) -> None:
    run = trace(*program)
    for plan in (training(run), training(run, checkpoints(run, seed)), training(run, [])):
        grads = Machine(run, plan).play()
        for index, ports in enumerate(run.graph.inputs):
            if not ports and run.grads[index] is not None:
                assert same(grads[index], run.grads[index])


class Machine:
    """Executes a plan on torch's own autograd nodes, one an operation, whose saved tensors are taken away from them.

    What a backward needs it finds in the plan's memory, or it fails: what was given back or never kept is gone.
    """

    def __init__(self, run: Run, plan: Plan) -> None:
        self.run, self.graph, self.plan = run, run.graph, plan
        self.memory: dict[int, Any] = {}
        self.at_hand: dict[tuple[str, int], Any] = {}
        self.nodes: dict[int, tuple[list[torch.Tensor], torch.Tensor]] = {}

    def play(self) -> dict[int, torch.Tensor]:
        for time, action in enumerate(self.plan.actions):
            names = {b: (self.plan.buffers[b].kind, self.plan.buffers[b].node) for b in [*action.reads, *action.writes]}
            self.at_hand = {names[b]: self.memory[b] for b in action.reads if b not in action.writes}
            getattr(self, action.kind)(action.node)
            self.memory |= {b: self.at_hand[names[b]] for b in action.writes if names[b][0] != "share"}
            self.memory |= {b: self.at_hand[names[b]] for b in action.reads if names[b][0] == "gradient"}
            self.memory = {b: x for b, x in self.memory.items() if self.plan.lifetimes[b][1] > time}
        return {node: x for (kind, node), x in self.at_hand.items() if kind == "gradient"}

    def start(self, _: int) -> None:
        self.at_hand = {("value", i): as_tensor(self.run.values[i]) for i in leaves(self.run)}

    def end(self, _: int) -> None:
        pass

    def seed(self, output: int) -> None:
        self.at_hand["gradient", output] = self.run.upstream

    def forward(self, index: int) -> None:
        graph, xs, tokens = self.graph, [], []
        for source in graph.inputs[index]:
            x = self.at_hand["value", source].clone()
            xs.append(x.requires_grad_() if graph.requires_grad[source] else x)

        def pack(tensor: torch.Tensor) -> Token:
            tokens.append(Token(tensor))
            return tokens[-1]

        with torch.autograd.graph.saved_tensors_hooks(pack, lambda token: token.find(self.at_hand)):
            y = OPS[graph.ops[index]].call(*xs, **graph.attrs.get(index, {}))
        owners = [*zip(xs, graph.inputs[index], strict=True), (y, index)]
        for token in tokens:
            token.belongs(owners, index)
        self.nodes[index] = (xs, y)
        self.at_hand["value", index] = y.detach().clone()
        self.at_hand["saved", index] = [token.tensor for token in tokens]

    recompute = forward

    def backward(self, index: int) -> None:
        xs, y = self.nodes.pop(index)
        wanted = [x for x in xs if x.requires_grad]
        parts = iter(torch.autograd.grad(y, wanted, self.at_hand["gradient", index], allow_unused=True))
        for x, source in zip(xs, self.graph.inputs[index], strict=True):
            part = next(parts) if x.requires_grad else None
            if part is not None:
                before = self.at_hand.get(("gradient", source))
                self.at_hand["gradient", source] = part if before is None else before + part


class Token:
    """Stands in an autograd node for a tensor that it saved: the value of a node, or an extra of its own."""

    def __init__(self, tensor: torch.Tensor) -> None:
        self.tensor: torch.Tensor | None = tensor
        self.node, self.shape = -1, tensor.shape

    def belongs(self, owners: list[tuple[torch.Tensor, int]], index: int) -> None:
        for owner, node in owners:
            if (
                self.tensor is not None
                and self.tensor.untyped_storage().data_ptr() == owner.untyped_storage().data_ptr()
            ):
                self.node, self.tensor = node, None

    def find(self, at_hand: dict[tuple[str, int], Any]) -> torch.Tensor:
        return at_hand["value", self.node].reshape(self.shape) if self.tensor is None else self.tensor


@pytest.mark.parametrize(("name", "sizes"), [("mlp", {}), ("gpt", {"layers": 2})])
def test_the_peak_of_a_model_is_what_an_allocator_needs(name: str, sizes: dict[str, Any]) -> None:
    """Its views make no memory; fewer checkpoints are more to compute again."""
    model = models.load(name, **sizes)
    run = explorer.trace_module(model, models.example(name))
    pieces = rehearse(run.graph)
    operations = [i for i, ports in enumerate(run.graph.inputs) if ports]
    plans = [training(run, chosen, pieces) for chosen in (None, operations[::4], [])]
    for plan in [inference(run, pieces), *plans]:
        assert plan.peak == allocate(plan, reuse=True) <= plan.total == allocate(plan, reuse=False)
    assert plans[0].again == [] and 0 < plans[1].recomputed <= plans[2].recomputed
    gradients = sum(p.numel() * p.element_size() for p in model.parameters())
    ending = plans[0].live[-1] - sum(pieces.bytes[p] for i in leaves(run) for p in pieces.made[i])
    assert ending >= gradients


def test_a_line_in_bytes() -> None:
    """y = a*b + c with scalars of 8 bytes: three leaves, a product, a sum, and the gradients of all five."""
    run = explorer.trace("y = a * b + c", a=1.0, b=2.0, c=3.0)
    forward, both = inference(run), training(run)
    assert (forward.total, forward.peak) == (40, 40)
    assert [(action.kind, bytes_) for action, bytes_ in zip(both.actions, both.live, strict=True)] == [
        ("start", 24), ("forward", 32), ("forward", 40), ("seed", 40), ("backward", 56), ("backward", 64), ("end", 56),
    ]  # fmt: skip
    assert (both.total, both.recomputed) == (40 + 40, 0)


def test_a_chain_reuses_its_memory_and_checkpoints_trade_it_for_time() -> None:
    run = explorer.trace("y = x\nfor i in range(100):\n  y = sin(y)", x=0.5)
    ops = [i for i, ports in enumerate(run.graph.inputs) if ports]
    assert inference(run).total == 808 and inference(run).peak == 24
    everything, tenth, nothing = training(run), training(run, ops[9::10]), training(run, [])
    assert everything.recomputed == 0 and tenth.recomputed == 90 and nothing.recomputed == 99
    assert tenth.peak < 200 < 800 < nothing.peak <= everything.peak


def test_checkpoints_of_a_deep_network() -> None:
    run = deep_network(12)
    everything, some = training(run), training(run, [run.graph.find(f"h{i}") for i in (3, 6, 9)])
    assert some.recomputed == 2 * 9 + 1 and some.peak < 0.7 * everything.peak
    assert training(run, range(len(run.graph))).peak == everything.peak


def deep_network(depth: int) -> Run:
    """Layers of 16 units on 64 rows."""
    lines = [f"h{i} = tanh(h{i - 1} @ W)" for i in range(1, depth + 1)]
    text = "\n".join(["h0 = X @ W", *lines, f"L = sum(h{depth})"])
    inputs = {"X": torch.ones(64, 16), "W": torch.ones(16, 16)}
    return explorer.trace(text, inputs=inputs, requires_grad={"X": False})


@pytest.mark.parametrize(("text", "ports", "result"), [
    ("y = a + b", set(), False), ("y = a * b", {0, 1}, False), ("y = a / b", {0, 1}, False),
    ("y = exp(a)", set(), True), ("y = relu(a)", set(), True), ("y = tanh(a)", set(), True),
    ("y = sin(a)", {0}, False), ("y = log(a)", {0}, False), ("y = a ^ 2", {0, 1}, False), ("y = a @ B", {0, 1}, False),
    ("y = softmax(a)", set(), True), ("y = sum(a)", set(), False), ("y = transpose(B)", set(), False),
])  # fmt: skip
def test_what_torch_keeps(text: str, ports: set[int], result: bool) -> None:
    """As derivatives.yaml of PyTorch has it: sums need nothing again, products both sides, exp its own result."""
    inputs = {"a": [1.0, 2.0], "b": [3.0, 4.0], "B": [[1.0, 2.0], [3.0, 4.0]]}
    run = trace(text, inputs)
    needs = kept(run.graph, run.graph.find("y"))
    assert (needs.ports, needs.result, needs.extra) == (ports, result, 0)


def test_a_product_with_data_keeps_the_data_alone() -> None:
    run = explorer.trace("y = w * x", w=1.0, x=2.0, requires_grad={"x": False})
    assert kept(run.graph, run.graph.find("y")).ports == {1}


def test_a_condition_is_kept_as_one_byte_an_entry() -> None:
    run = explorer.trace("y = where(a > 0, a, 2 * a)", a=[1.0, -2.0, 3.0])
    assert kept(run.graph, run.graph.find("y")).extra == 3


def test_a_hundred_thousand_operations_are_planned() -> None:
    run = explorer.trace("y = x\nfor i in range(50000):\n  y = y * x", x=1.0)
    plan = training(run, range(0, len(run.graph), 200))
    assert plan.recomputed > 49000
    assert plan.peak < training(run).peak / 50


def test_operations_of_a_model_are_refused() -> None:
    graph = Graph(
        ["input", "aten::foo"], [(), (0,)], ["x", ""], [0, 0], [(), ()], [(), ()], ["float64"] * 2, [True] * 2, (1,)
    )
    with pytest.raises(RunError, match="aten::foo"):
        kept(graph, 1)
    with pytest.raises(RunError, match="only its model can run"):
        execute(graph, {0: as_tensor(1.0)})
