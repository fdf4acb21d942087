"""A loss as an expression over the outputs, beside torch on the same tensors; what is no loss is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explorer.capture.loss_text import LossText, output_names
from explorer.capture.model import trace_module
from explorer.errors import CaptureError, NameProblem, OpFailed, ProgramError, SyntaxProblem


class Pair(NamedTuple):
    first: Tensor
    rest: list[Tensor]


@pytest.fixture
def logits() -> Tensor:
    return torch.randn(1, 4, 6, generator=torch.Generator().manual_seed(3), requires_grad=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mean(output^2)", lambda y: y.square().mean()),
        ("3output[0, -1, 2] - 1", lambda y: 3 * y[0, -1, 2] - 1),
        ("-sum(output[0, :2] * output[0, 2:])", lambda y: -(y[0, :2] * y[0, 2:]).sum()),
        ("max(softmax(output[0, 1]))", lambda y: y[0, 1].softmax(-1).amax()),
        ("cross_entropy(output[0], [1, 2, 3, 0])", lambda y: F.cross_entropy(y[0], torch.arange(4).roll(-1))),
        ("sum(where(output > 0, output, 0 * output))", lambda y: torch.where(y > 0, y, 0 * y).sum()),
        ("norm(sum(output, axis=-1))", lambda y: torch.linalg.vector_norm(y.sum(-1))),
    ],
)  # fmt: skip
def test_it_is_torchs(text: str, expected: Callable[[Tensor], Tensor], logits: Tensor) -> None:
    ours, theirs = LossText(text)(logits), expected(logits.double())
    torch.testing.assert_close(ours, theirs)
    found, wanted = (torch.autograd.grad(loss, logits)[0] for loss in (ours, theirs))
    torch.testing.assert_close(found, wanted)


def test_several_outputs_go_by_their_names_and_places(logits: Tensor) -> None:
    two = {"logits": logits, "hidden": (logits[0], logits[0, 0]), "loss": None}
    assert LossText("hidden[1]")(two) is two["hidden"][1]
    assert output_names(two) == {"logits": (1, 4, 6), "hidden[0]": (4, 6), "hidden[1]": (6,)}
    pair = Pair(logits, [logits[0]])
    assert LossText("first")(pair) is logits and LossText("rest[0]")(pair) is pair.rest[0]
    assert LossText("output[1]")((1, logits)) is logits
    assert output_names((logits, logits[0])) == {"output[0]": (1, 4, 6), "output[1]": (4, 6)}


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("", SyntaxProblem, "no program"),
        ("mean(output", SyntaxProblem, "not one expression"),
        ("a = 1", SyntaxProblem, "not one expression"),
        ("output.sum()", SyntaxProblem, "dot"),
        ("lambda: 1", SyntaxProblem, "functions"),
        ("[x for x in output]", SyntaxProblem, "rule"),
        ("output[i]", SyntaxProblem, "whole number"),
        ("1 < 2 < 3", SyntaxProblem, "compare"),
        ("eval(output)", NameProblem, "no function 'eval'"),
        ("__builtins__", NameProblem, "underscores"),
        ("__import__('os')", SyntaxProblem, "character"),
        ("mean(output, output)", SyntaxProblem, "argument"),
        ("sum(output, axis=x)", SyntaxProblem, "axis"),
        ("-" * 100 + "output", ProgramError, "nested"),
        ("x" * 5000, ProgramError, "characters"),
    ],
)
def test_what_is_no_loss_is_refused_before_anything_runs(text: str, kind: type[ProgramError], words: str) -> None:
    with pytest.raises(kind, match=words):
        LossText(text)


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("loggits", NameProblem, "It has logits"),
        ("output", OpFailed, "several outputs"),
        ("hidden + 1", OpFailed, "several outputs"),
        ("logits @ hidden[0]", OpFailed, "Matrix product"),
        ("logits[0, 9]", OpFailed, "no such place"),
        ("hidden[7]", OpFailed, "no such place"),
        ("sum(logits, axis=5)", OpFailed, "Sum"),
    ],
)
def test_what_does_not_fit_the_outputs_is_said_with_its_place(
    text: str, kind: type[ProgramError], words: str, logits: Tensor
) -> None:
    with pytest.raises(kind, match=words) as caught:
        LossText(text)({"logits": logits, "hidden": [logits[0, :, :3]]})
    assert caught.value.line == 1 and caught.value.column is not None


def test_it_is_a_loss_of_a_trace() -> None:
    model, x = nn.Linear(3, 2), torch.ones(2, 3)
    run = trace_module(model, x, loss=LossText("mean(output ^ 2)"))
    model(x).double().pow(2.0).mean().backward()
    torch.testing.assert_close(run.grad("weight"), model.weight.grad)
    with pytest.raises(CaptureError, match="no output 'y'") as caught:
        trace_module(model, x, loss=LossText("y"))
    assert isinstance(caught.value.__cause__, NameProblem) and caught.value.run.value("addmm") is not None


def test_a_loss_that_is_no_single_number_is_refused() -> None:
    with pytest.raises(CaptureError, match="single number"):
        trace_module(nn.Linear(3, 2), torch.ones(2, 3), loss=LossText("output"))
