"""A run that is written and read is the same run."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

import explorer
from explorer.capture.limits import Limits
from explorer.errors import ExportError
from explorer.export.saved import load, save
from explorer.graph import Graph


def equal(a: object, b: object) -> bool:
    if isinstance(a, torch.Tensor) and isinstance(b, torch.Tensor):
        return a.dtype == b.dtype and torch.equal(a, b)
    return type(a) is type(b) and a == b


def assert_same(run: explorer.Run, again: explorer.Run) -> None:
    for name in ("ops", "inputs", "ids", "lines", "scopes", "shapes", "dtypes", "requires_grad", "outputs", "modules"):
        assert list(getattr(again.graph, name)) == list(getattr(run.graph, name))
    for one, two in ((run.values, again.values), (run.grads, again.grads), (run.contributions, again.contributions)):
        assert all(map(equal, one, two))
    assert again.output == run.output and list(again.backward.order) == list(run.backward.order)


def test_a_program(tmp_path: Path) -> None:
    run = explorer.trace("W = [[1, 2], [3, 4]]\ny = sum(tanh(W @ x)) * a", x=[0.5, -1.0], a=2.0)
    save(run, tmp_path / "run.pt")
    again = load(tmp_path / "run.pt")
    assert_same(run, again)
    assert [(s.node, len(s.arrivals)) for s in again.steps] == [(s.node, len(s.arrivals)) for s in run.steps]


@pytest.mark.parametrize("name", explorer.models.names())
def test_a_model(name: str, tmp_path: Path) -> None:
    run = explorer.trace_module(explorer.models.load(name), explorer.models.example(name))
    save(run, tmp_path / "run.pt")
    again = load(tmp_path / "run.pt")
    assert_same(run, again)
    assert all(again.graph.attrs[i].get("target") == attrs.get("target") for i, attrs in run.graph.attrs.items())


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.pt"
    for write in (
        lambda: path.write_bytes(b"nothing"),
        lambda: torch.save({"a": 1}, path),
        lambda: torch.save(Graph, path),
        lambda: torch.save(Limits(), path),
    ):
        write()
        with pytest.raises(ExportError, match="holds no run"):
            load(path)
    with pytest.raises(ExportError):
        load(tmp_path / "missing.pt")
