"""The table of nodes has every node with the run's own numbers, and finds them by words."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from explorer.ui.document import Document, Mode, from_example
from explorer.ui.examples import Example, examples
from explorer.ui.nodes import columns, filtered, row
from explorer.ui.numbers import short
from explorer.ui.view import View, look

LOOP = "s = 0\nx = 0.5\nfor i in range(3):\n    s = tanh(s + x)\nM = [[1, 2], [3, s]]\ny = sum(M @ M)"


def loop() -> View:
    return look(Document(text=LOOP), 1, "lr")


@pytest.mark.parametrize("mode", ["reverse", "forward"])
@pytest.mark.parametrize("example", examples(), ids=lambda example: example.slug)
def test_every_node_has_a_row_with_its_numbers(example: Example, mode: Mode) -> None:
    view = look(replace(from_example(example), mode=mode), 1, "lr")
    passed = view.run.grads if view.tangents is None else view.tangents.tangents
    for index in filtered(view, ""):
        cells = dict(zip(columns(view), row(view, index), strict=True))
        assert cells["value"] == short(view.run.values[index])
        given = cells["gradient" if mode == "reverse" else "tangent"]
        assert given == ("none" if passed[index] is None else short(passed[index]))
        assert cells["inputs"].count(", ") == max(len(view.run.graph.inputs[index]) - 1, 0)
        value = view.run.values[index]
        assert (cells["shape"] == "single number") is not (isinstance(value, torch.Tensor) and value.ndim > 0)


def test_nodes_are_found_by_operation_scope_and_shape() -> None:
    view = loop()
    ops, scopes = view.run.graph.ops, view.run.graph.scopes
    assert [ops[i] for i in filtered(view, "TANH")] == ["tanh"] * 3
    assert [scopes[i] for i in filtered(view, "tanh i=1")] == [("for i=1",)]
    matrices = [i for i, shape in enumerate(view.run.graph.shapes) if shape == (2, 2)]
    assert list(filtered(view, "2x2")) == list(filtered(view, "2×2")) == matrices
    assert filtered(view, "tanh nowhere") == []


def test_an_input_is_named_in_markup_and_never_is_markup() -> None:
    view = look(Document(text="a_1 = 2\ny = a_1 * a_1"), 1, "lr")
    cells = dict(zip(columns(view), row(view, view.run.graph.index["y"]), strict=True))
    assert cells["inputs"] == "<i>a</i><sub>1</sub>, <i>a</i><sub>1</sub>"
