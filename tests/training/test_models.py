"""A model of PyTorch is trained by its own code, in its own precision, as torch's loop does it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import pytest
import torch
from torch import nn

from explorer.capture.model import trace_module
from explorer.errors import TrainingError
from explorer.models.mlp import MLP, MLPConfig
from explorer.run import Run
from explorer.training.objective import Objective
from explorer.training.optimisers import Rule
from explorer.training.phases import phases
from explorer.training.trainer import Trainer

X = torch.linspace(-1, 1, 40).reshape(20, 2)
T = torch.sin(3 * X[:, :1])


class Traced:
    """A model made to look like a program: its parameters are inputs by their qualified names."""

    def __init__(self, model: nn.Module) -> None:
        self.model = model

    @property
    def inputs(self) -> Mapping[str, Any]:
        return dict(self.model.named_parameters())

    def run(self, given: Mapping[str, Any], requires_grad: Mapping[str, bool]) -> Run:
        model = copy.deepcopy(self.model)
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                if name in given:
                    parameter.copy_(torch.as_tensor(given[name]))
        return trace_module(model, given["x"], loss=lambda out: nn.functional.mse_loss(out, given["t"]))


def network(**options: Any) -> MLP:
    torch.manual_seed(0)
    return MLP(MLPConfig((2, 8, 1))).to(**options)


def start(model: nn.Module) -> dict[str, Any]:
    return {name: parameter.detach().clone() for name, parameter in model.named_parameters()}


@pytest.mark.parametrize("rule", [Rule("sgd", {"lr": 0.1}), Rule("adamw", {"lr": 0.02})], ids=lambda rule: rule.name)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_the_path_of_a_model_is_torchs_own(dtype: torch.dtype, rule: Rule) -> None:
    model, x, t = network(dtype=dtype), X.to(dtype), T.to(dtype)
    trainer = Trainer(Objective(Traced(model), start(model), {"x": x, "t": t}), rule)
    list(trainer.steps(20))
    kind = torch.optim.SGD if rule.name == "sgd" else torch.optim.AdamW
    optimiser = kind(model.parameters(), **rule.settings)
    for moment in trainer.moments:
        found = trainer.objective.layout.unpack(moment.values)
        for name, parameter in model.named_parameters():
            assert torch.equal(found[name], parameter.detach()), (moment.step, name)
        optimiser.zero_grad()
        nn.functional.mse_loss(model(x), t).backward()
        optimiser.step()


def test_a_moment_of_a_model_shows_its_graph_and_its_changes() -> None:
    model = network()
    trainer = Trainer(Objective(Traced(model), start(model), {"x": X, "t": T}), Rule("sgd", {"lr": 0.1}))
    trainer.step()
    run = trainer.run(0)
    assert run.graph.nodes["layers.0.weight"].kind == "parameter"
    change = next(c for c in phases(trainer, 1).changes if c.name == "layers.1.bias")
    assert torch.equal(change.new, change.old - 0.1 * run.grad("layers.1.bias"))


def test_half_of_the_parameters_can_stand_still() -> None:
    model = network()
    chosen = {name: value for name, value in start(model).items() if name.startswith("layers.1")}
    trainer = Trainer(Objective(Traced(model), chosen, {"x": X, "t": T}), Rule("sgd", {"lr": 0.1}))
    list(trainer.steps(3))
    assert torch.equal(trainer.run(3).value("layers.0.weight"), model.layers[0].weight)
    assert not torch.equal(trainer.run(3).value("layers.1.weight"), model.layers[1].weight)


def test_parameters_of_two_types_are_refused() -> None:
    class Mixed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a = nn.Parameter(torch.ones(1))
            self.b = nn.Parameter(torch.ones(1, dtype=torch.float64))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x * self.a * self.b

    with pytest.raises(TrainingError, match="float32 and float64"):
        Objective(Traced(Mixed()), start(Mixed()), {"x": X, "t": X})
