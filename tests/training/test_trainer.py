"""The path of every optimiser against torch's own loop on the same function, bit for bit, over 100 steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import explorer
from benchmarks.perceptron import problem, program
from explorer.errors import TrainingError
from explorer.training.objective import Objective
from explorer.training.optimisers import OPTIMISERS, Rule
from explorer.training.trainer import Clip, Trainer

STEPS = 100
Leaves = dict[str, torch.Tensor]
Loss = Callable[[Leaves], torch.Tensor]

VALLEY = "L = (1 - a)^2 + 5 * (b - a * a)^2 + 0.1 * sin(3 * a)"
NET = "p = tanh(X @ W1 + b1) @ W2\nL = mse(p, t)"
BRANCH = "if a > 0:\n  L = a * a + c * c\nelse:\n  L = (a - b)^2 + a * a * a * a"
X = torch.linspace(-1, 1, 12, dtype=torch.float64).reshape(6, 2)
T = torch.sin(X[:, :1] * 2)


def valley(p: Leaves) -> torch.Tensor:
    a, b = p["a"], p["b"]
    return (1 - a) ** 2 + 5 * (b - a * a) ** 2 + 0.1 * torch.sin(3 * a)


def net(p: Leaves) -> torch.Tensor:
    return torch.nn.functional.mse_loss(torch.tanh(X @ p["W1"] + p["b1"]) @ p["W2"], T)


def branch(p: Leaves) -> torch.Tensor:
    """One parameter is out of sight on either side: its gradient is None and no optimiser touches it."""
    a, b, c = p["a"], p["b"], p["c"]
    return a * a + c * c if a > 0 else (a - b) ** 2 + a * a * a * a


def drawn(**shapes: tuple[int, ...]) -> dict[str, Any]:
    generator = torch.Generator().manual_seed(3)
    return {name: torch.randn(shape, generator=generator, dtype=torch.float64) * 0.7 for name, shape in shapes.items()}


CASES: dict[str, tuple[str, Loss, dict[str, Any], dict[str, Any]]] = {
    "valley": (VALLEY, valley, {"a": -1.2, "b": 0.7}, {}),
    "net": (NET, net, drawn(W1=(2, 5), b1=(5,), W2=(5, 1)), {"X": X, "t": T}),
    "branch": (BRANCH, branch, {"a": 1.0, "b": -0.5, "c": 0.3}, {}),
}
RULES = [
    Rule("sgd", {"lr": 0.02}), Rule("sgd", {"lr": 0.02, "weight_decay": 0.1}),
    Rule("momentum", {"lr": 0.01}), Rule("momentum", {"lr": 0.01, "momentum": 0.5, "weight_decay": 0.01}),
    Rule("nesterov", {"lr": 0.01, "momentum": 0.8}),
    Rule("rmsprop", {"lr": 0.02}), Rule("rmsprop", {"lr": 0.02, "momentum": 0.5, "alpha": 0.9, "weight_decay": 0.01}),
    Rule("adam", {"lr": 0.05}), Rule("adam", {"lr": 0.05, "beta1": 0.8, "beta2": 0.95, "weight_decay": 0.02}),
    Rule("adamw", {"lr": 0.05}), Rule("adamw", {"lr": 0.1, "weight_decay": 0.1, "eps": 1e-6}),
]  # fmt: skip


def torch_optimiser(rule: Rule, leaves: list[torch.Tensor], maximise: bool) -> torch.optim.Optimizer:
    """Written out, so as to share nothing with our table."""
    settings: dict[str, Any] = {"lr": 1e-3, "maximize": maximise, **rule.settings}
    if "beta1" in settings:
        settings["betas"] = (settings.pop("beta1"), settings.pop("beta2"))
    if rule.name in ("momentum", "nesterov"):
        settings.setdefault("momentum", 0.9)
    kinds = {"rmsprop": torch.optim.RMSprop, "adam": torch.optim.Adam, "adamw": torch.optim.AdamW}
    return kinds.get(rule.name, torch.optim.SGD)(
        leaves, **settings, **({"nesterov": True} if rule.name == "nesterov" else {})
    )


def by_torch(
    loss: Loss,
    start: dict[str, Any],
    rule: Rule,
    maximise: bool = False,
    clip: Clip | None = None,
    forgets: bool = False,
) -> list[dict[str, torch.Tensor]]:
    """The parameters after 0, 1, ... steps of the loop that every course teaches."""
    leaves = {k: torch.as_tensor(v, dtype=torch.float64).clone().requires_grad_() for k, v in start.items()}
    optimiser = torch_optimiser(rule, list(leaves.values()), maximise)
    path = [{k: leaf.detach().clone() for k, leaf in leaves.items()}]
    for _ in range(STEPS):
        if not forgets:
            optimiser.zero_grad()
        loss(leaves).backward()
        if clip is not None and clip.kind == "norm":
            torch.nn.utils.clip_grad_norm_(leaves.values(), clip.limit)
        elif clip is not None:
            torch.nn.utils.clip_grad_value_(leaves.values(), clip.limit)
        optimiser.step()
        path.append({k: leaf.detach().clone() for k, leaf in leaves.items()})
    return path


def ours(case: str, rule: Rule, **options: Any) -> Trainer:
    text, _, start, data = CASES[case]
    return Trainer(Objective(explorer.Program(text), start, data), rule, **options)


def assert_path(trainer: Trainer, path: list[dict[str, torch.Tensor]]) -> None:
    for moment, expected in zip(trainer.moments, path, strict=True):
        found = trainer.objective.layout.unpack(moment.values)
        for name, value in expected.items():
            assert torch.equal(torch.as_tensor(found[name], dtype=torch.float64), value), (moment.step, name)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.name}-{len(rule.settings)}")
def test_the_path_is_torchs_own(case: str, rule: Rule) -> None:
    trainer = ours(case, rule)
    assert len(list(trainer.steps(STEPS))) == STEPS
    assert_path(trainer, by_torch(CASES[case][1], CASES[case][2], rule))


@pytest.mark.parametrize("clip", [Clip("norm", 0.3), Clip("value", 0.1)], ids=lambda clip: clip.kind)
@pytest.mark.parametrize("case", CASES)
def test_clipped_gradients(case: str, clip: Clip) -> None:
    rule = Rule("momentum", {"lr": 0.02})
    trainer = ours(case, rule, clip=clip)
    list(trainer.steps(STEPS))
    assert_path(trainer, by_torch(CASES[case][1], CASES[case][2], rule, clip=clip))


@pytest.mark.parametrize("clip", [None, Clip("norm", 0.5)], ids=["free", "clipped"])
@pytest.mark.parametrize("name", ["sgd", "adam"])
@pytest.mark.parametrize("case", CASES)
def test_forgotten_zero_grad(case: str, name: str, clip: Clip | None) -> None:
    rule = Rule(name, {"lr": 0.003})
    trainer = ours(case, rule, forgets=True, clip=clip)
    list(trainer.steps(STEPS))
    assert_path(trainer, by_torch(CASES[case][1], CASES[case][2], rule, forgets=True, clip=clip))


def test_maximising_climbs() -> None:
    rule, text = Rule("adam", {"lr": 0.01}), "h = sin(a) * exp(-b * b)"
    trainer = Trainer(Objective(explorer.Program(text), {"a": 0.1, "b": 0.8}), rule, maximise=True)
    list(trainer.steps(STEPS))
    path = by_torch(
        lambda p: torch.sin(p["a"]) * torch.exp(-p["b"] * p["b"]), {"a": 0.1, "b": 0.8}, rule, maximise=True
    )
    assert_path(trainer, path)
    assert trainer.now.loss > trainer.moments[0].loss


def test_a_network_of_scalars_trains_as_torch_does_on_tensors_of_one_number() -> None:
    one = problem(3)
    data: dict[str, Any] = {"points": one.points, "targets": one.targets}
    rule = Rule("momentum", {"lr": 1e-4})
    trainer = Trainer(Objective(explorer.Program(program(3)), dict(one.weights), data), rule)
    list(trainer.steps(3))

    def loss(p: Leaves) -> torch.Tensor:
        total = torch.tensor(0.0, dtype=torch.float64)
        for point, target in zip(one.points, one.targets, strict=True):
            units: list[Any] = [torch.tensor(x, dtype=torch.float64) for x in point]
            for layer, size in enumerate((16, 16, 1), 1):
                outs = []
                for unit in range(size):
                    s = p[f"b{layer}_{unit}"]
                    for source, x in enumerate(units):
                        s = s + p[f"w{layer}_{source}_{unit}"] * x
                    outs.append(s if size == 1 else torch.relu(s))
                units = outs
            total = total + (units[0] - target) ** 2
        return total

    leaves = {k: torch.tensor(v, dtype=torch.float64, requires_grad=True) for k, v in one.weights.items()}
    optimiser = torch.optim.SGD(leaves.values(), lr=1e-4, momentum=0.9)
    for step in range(4):
        assert np.array_equal(trainer.moments[step].values, [leaf.item() for leaf in leaves.values()])
        optimiser.zero_grad()
        loss(leaves).backward()
        optimiser.step()


# History ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.name}-{len(rule.settings)}")
@pytest.mark.parametrize("forgets", [False, True], ids=["zeroed", "forgot"])
def test_going_back_and_on_again_gives_the_same_path(rule: Rule, forgets: bool) -> None:
    trainer = ours("net", rule, forgets=forgets)
    list(trainer.steps(20))
    whole = [moment.values for moment in trainer.moments]
    for step in (13, 1, 0):
        later = trainer.rewind(step)
        assert [moment.step for moment in later] == list(range(step + 1, 21))
        list(trainer.steps(20 - step))
        assert np.array_equal([moment.values for moment in trainer.moments], whole)
    assert len(trainer.reset()) == 20 and trainer.now.step == 0


def test_another_learning_rate_from_here_on_keeps_the_state() -> None:
    trainer = ours("valley", Rule("adam", {"lr": 0.05}))
    list(trainer.steps(10))
    trainer.use(Rule("adam", {"lr": 0.01}))
    list(trainer.steps(10))
    leaves = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in (-1.2, 0.7)]
    optimiser = torch.optim.Adam(leaves, lr=0.05)
    for step in range(20):
        optimiser.param_groups[0]["lr"] = 0.05 if step < 10 else 0.01
        optimiser.zero_grad()
        valley({"a": leaves[0], "b": leaves[1]}).backward()
        optimiser.step()
    assert np.array_equal(trainer.now.values, [leaf.item() for leaf in leaves])


def test_another_optimiser_starts_without_memory() -> None:
    trainer = ours("valley", Rule("momentum", {"lr": 0.01}))
    list(trainer.steps(5))
    trainer.use(Rule("adam", {"lr": 0.1}))
    assert trainer.step().state["step"].parts() == [torch.tensor(1.0), torch.tensor(1.0)]


def test_the_graph_shows_any_moment() -> None:
    trainer = ours("net", Rule("sgd", {"lr": 0.1}))
    list(trainer.steps(5))
    run = trainer.run(2)
    assert run.graph.nodes["W1"].kind == "parameter" and run.graph.nodes["X"].kind == "input"
    assert float(run.value("L")) == trainer.moments[2].loss
    assert torch.equal(run.value("W1").reshape(-1), torch.from_numpy(trainer.moments[2].values[:10]))
    assert run.grad("X") is None


# Divergence ------------------------------------------------------------------------------------------------------


def test_too_large_a_rate_stops_where_it_first_broke_and_keeps_what_was() -> None:
    trainer = Trainer(Objective(explorer.Program("u = w * w\nL = u * u"), {"w": 3.0}), Rule("sgd", {"lr": 1.0}))
    steps = len(list(trainer.steps(50)))
    assert trainer.stopped is not None and steps < 50
    assert (trainer.stopped.step, trainer.stopped.what) == (steps, "value")
    run = trainer.run(steps)
    assert trainer.stopped.node == run.nonfinite == "u"
    assert all(np.isfinite(moment.loss) for moment in trainer.moments[:-1])
    with pytest.raises(TrainingError, match=f"Step {steps}: the value of 'u'"):
        trainer.step()
    trainer.rewind(steps - 1)
    trainer.use(Rule("sgd", {"lr": 1e-9}))
    assert trainer.stopped is None


def test_a_gradient_alone_can_break() -> None:
    """The step lands on 0, where the root is 0 and its slope is infinite."""
    trainer = Trainer(Objective(explorer.Program("u = w * 2\nL = sqrt(u)"), {"w": 0.5}), Rule("sgd", {"lr": 0.5}))
    assert trainer.step().loss == 0.0 and trainer.stopped is not None
    assert (trainer.stopped.step, trainer.stopped.node, trainer.stopped.what) == (1, "u", "gradient")


def test_a_stopped_start_stays_stopped() -> None:
    trainer = Trainer(Objective(explorer.Program("L = log(w)"), {"w": 0.0}), Rule("sgd"))
    assert trainer.stopped is not None
    trainer.reset()
    assert trainer.stopped is not None and list(trainer.steps(3)) == []


def test_a_step_that_the_program_cannot_take_is_undone() -> None:
    """The loop never ends once w is 1 or more."""
    program = explorer.Program("y = 8\nwhile y > 1:\n  y = y * w\nL = -w * w + y - y", explorer.Limits(turns=1000))
    trainer = Trainer(Objective(program, {"w": 0.8}), Rule("sgd", {"lr": 0.1}))
    trainer.step()
    values = trainer.now.values.copy()
    with pytest.raises(explorer.ExplorerError, match="turned more than"):
        list(trainer.steps(10))
    assert trainer.stopped is None and trainer.now.step == len(trainer.moments) - 1
    steps = trainer.now.step
    trainer.use(Rule("sgd", {"lr": 1e-6}))
    assert trainer.step().step == steps + 1 and trainer.moments[1].values == values


# Refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "settings", "complaint"), [
    ("sdg", {}, "no optimiser 'sdg'"),
    ("sgd", {"momentum": 0.9}, "no setting 'momentum'"),
    ("sgd", {"lr": -1.0}, "learning rate is -1; it must be at least 0"),
    ("adam", {"beta1": 1.0}, "below 1"),
    ("nesterov", {"momentum": 0.0}, "must be at least 1e-06"),
    ("adam", {"lr": float("nan")}, "learning rate is nan"),
    ("adam", {"lr": float("inf")}, "learning rate is inf"),
])  # fmt: skip
def test_settings_that_make_no_sense(name: str, settings: dict[str, float], complaint: str) -> None:
    with pytest.raises(TrainingError, match=complaint):
        Rule(name, settings)


def test_every_optimiser_has_torchs_defaults() -> None:
    for name in OPTIMISERS:
        built = Rule(name).build([torch.zeros(1)], maximise=False).defaults
        bare = torch_optimiser(Rule(name, {"lr": 1e-2} if name == "rmsprop" else {}), [torch.zeros(1)], False).defaults
        assert built == bare


@pytest.mark.parametrize("step", [-1, 1])
def test_there_is_no_such_step(step: int) -> None:
    with pytest.raises(TrainingError, match="from 0 to 0"):
        ours("valley", Rule("sgd")).rewind(step)


@pytest.mark.parametrize(("kind", "limit"), [("norm", 0.0), ("value", -1.0), ("size", 1.0), ("norm", float("nan"))])
def test_clips_that_make_no_sense(kind: str, limit: float) -> None:
    with pytest.raises(TrainingError, match="more than 0"):
        Clip(kind, limit)
