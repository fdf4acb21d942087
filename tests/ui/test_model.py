"""A model as a source: within bounds, with plain PyTorch's numbers, undone, redone and linked like a program."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

import explorer
from explorer import models
from explorer.errors import ExplorerError, ModelError
from explorer.export.saved import save
from explorer.models import sort
from explorer.models.bounds import ALONE
from explorer.ui.document import from_example
from explorer.ui.examples import examples
from explorer.ui.link import from_query, to_query
from explorer.ui.model import ModelSource, fresh, trace
from explorer.ui.session import Session


@pytest.mark.parametrize("name", models.names())
def test_every_model_opens(name: str) -> None:
    traced = trace(fresh(name))
    assert traced.parameters == sum(p.numel() for p in models.load(name).parameters())
    assert any(grad is not None for grad in traced.run.grads)


def test_the_numbers_are_plain_pytorchs() -> None:
    run = trace(ModelSource("gpt-sort", prompt="CABBAC>", loss="logit", token="A")).run
    model = models.load("gpt-sort")
    logits = model(sort.encode("CABBAC>"))
    logits[0, -1, 0].backward()
    assert torch.equal(run.outputs, logits.detach())
    for name, parameter in model.named_parameters():
        assert torch.equal(run.grad(name), parameter.grad)  # type: ignore[arg-type]


def test_dropout_is_the_same_for_the_same_seed() -> None:
    source = replace(fresh("gpt"), sizes={"dropout": 0.5}, train=True)
    first, again, other = (trace(replace(source, seed=seed)).run.outputs for seed in (3, 3, 4))
    assert torch.equal(first, again) and not torch.equal(first, other)
    assert not torch.equal(first, trace(replace(source, seed=3, train=False)).run.outputs)


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"name": "gtp"}, "name", "no model called 'gtp'"),
        ({"sizes": {"heads": 3}}, "sizes", "not a multiple"),
        ({"sizes": {"layers": 49}}, "sizes", "from 1 to 48"),
        ({"sizes": {"depth": 2}}, "sizes", "no size called 'depth'"),
        ({"sizes": {"layers": 48, "width": 4096}}, "sizes", f"at most {ALONE.parameters:,}"),
        ({"prompt": "1 2 nine"}, "prompt", "'nine' is not a token id"),
        ({"prompt": "3"}, "loss", "two tokens"),
        ({"prompt": "1 " * 300, "sizes": {"context": 1024}}, "prompt", "more than the 256"),
        ({"loss": "logit", "position": 20}, "loss", "no place 20"),
        ({"loss": "logit", "token": "27"}, "loss", "not in the vocabulary"),
    ],
)
def test_what_is_wrong_is_said_of_its_field(change: dict[str, object], field: str, said: str) -> None:
    with pytest.raises(ModelError, match=said) as caught:
        trace(replace(fresh("gpt"), **change))  # type: ignore[arg-type]
    assert caught.value.field == field


def test_widths_are_typed_as_a_list() -> None:
    assert trace(ModelSource("mlp", sizes={"sizes": "3, 5 2"})).parameters == 3 * 5 + 5 + 5 * 2 + 2
    for text in ("3", "", "3, x", "3, -1", "3 0", " ".join(["2"] * 40)):
        with pytest.raises(ModelError):
            trace(ModelSource("mlp", sizes={"sizes": text}))


def test_a_model_is_undone_and_the_program_comes_back() -> None:
    session = Session()
    before = session.document
    session.show_source("model")
    assert session.view.model is not None and session.direction == "tb"
    session.set_model(fresh("mlp"))
    session.undo()
    assert session.view.title == fresh().name
    session.undo()
    assert session.document == before and session.view.model is None and session.direction == "lr"
    session.redo()
    session.redo()
    assert session.view.title == "mlp"
    session.show_source("program")
    session.show_source("model")
    assert session.view.title == "mlp"


def test_the_last_model_stays_when_another_cannot_be_traced() -> None:
    session = Session()
    session.set_model(fresh("gpt"))
    blob = session.view.blob
    session.set_model(replace(fresh("gpt"), prompt="x"))
    assert isinstance(session.problem, ModelError) and session.view.blob is blob


@pytest.mark.parametrize("name", models.names())
def test_a_link_that_only_names_a_model_opens_it_on_something_to_read(name: str) -> None:
    document = from_query({"model": name})
    assert document is not None and document.model == fresh(name)


@pytest.mark.parametrize(
    "source",
    [
        fresh(),
        fresh("llama-block"),
        ModelSource("mlp", {"sizes": "2, 3, 1"}, seed=7, loss="squared error", target=-0.5, train=True),
        ModelSource(
            "gpt", {"layers": 1, "dropout": 0.1, "tied": False}, prompt="1 2", loss="logit", token="3", position=0
        ),
    ],
)
def test_a_link_brings_the_model_back(source: ModelSource) -> None:
    session = Session()
    session.set_model(source)
    document = from_query(to_query(session.document))
    assert document is not None and document.model == source


@pytest.mark.parametrize(
    "query",
    [{"sizes": "[1]"}, {"sizes": "{"}, {"seed": "x"}, {"target": "nan"}, {"loss": "hinge"}, {"model": "nobody"}],
)
def test_a_damaged_link_is_said(query: dict[str, str]) -> None:
    with pytest.raises(ExplorerError):
        from_query({"model": "gpt", **query})


def test_a_group_is_looked_into_by_its_result() -> None:
    session = Session()
    session.set_model(fresh("gpt-sort"))
    assert session.view.groups is not None and session.view.model is not None
    assert session.inspected == session.view.run.graph.ids[session.view.model.logits or 0]
    model = models.load("gpt-sort")
    caught: list[torch.Tensor] = []
    model.get_submodule("h.0").register_forward_hook(lambda module, args, output: caught.append(output.detach()))
    model(sort.encode("CABBAC>"))
    session.on_event({"name": "select", "id": "h/0"})
    assert session.selected == "h/0"
    value = session.view.run.value(session.inspected)
    assert value is not None and torch.equal(value, caught[0])


def test_the_run_that_the_app_was_opened_on(tmp_path: Path) -> None:
    path = tmp_path / "run.pt"
    run = explorer.trace_module(models.load("mlp"), models.example("mlp"))
    save(run, path)
    session = Session(replace(from_example(examples()[0]), saved=str(path)))
    assert session.view.title == "your run" and session.problem is None
    assert torch.equal(session.view.run.grad("layers.0.weight"), run.grad("layers.0.weight"))  # type: ignore[arg-type]
    assert to_query(session.document) == {}
    session.show_source("program")
    assert session.view.program is not None and session.direction == "lr"
    session.show_source("run")
    assert session.view.title == "your run"
    session.undo()
    assert session.view.program is not None
