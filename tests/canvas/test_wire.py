"""The blob is read back by Python's decoder and by the browser's own, run in Node where there is one."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import explorer
from explorer.canvas import moments, wire
from explorer.errors import CanvasError
from explorer.layout import Box, Placement, arrange
from explorer.run import Run

FRONTEND = Path(wire.__file__).parent / "frontend"

TWO_PATHS = ("c = a + b\nd = b + 1\ne = c * d", {"a": 2.0, "b": 1.0})
r"""a ─ c ─ e     e = (a+b)(b+1): b reaches e on two paths, so its gradient is a sum
    b ┤   │
    1 ─ d ┘"""


def drawing(run: Run) -> tuple[list[Box], Placement]:
    boxes = [Box(152, 74, tuple(10.0 + 12 * p for p in range(len(ports))), 23) for ports in run.graph.inputs]
    return boxes, arrange(run.graph, boxes, "lr")


def blob_of(run: Run, wrt: str | None = None, rev: int = 1) -> bytes:
    boxes, placement = drawing(run)
    tangents = run.tangents(wrt) if wrt else None
    return wire.encode(run, placement, boxes, rev=rev, title="test", tangents=tangents)


def decoded(text: str, values: dict[str, Any], wrt: str | None = None) -> tuple[Run, dict[str, Any]]:
    run = explorer.trace(text, **values)
    return run, wire.decode(blob_of(run, wrt))


def test_columns_hold_the_run() -> None:
    run, trace = decoded(*TWO_PATHS)
    nodes, edges = trace["nodes"], trace["edges"]
    assert nodes["id"] == list(run.graph.ids)
    for i, id_ in enumerate(nodes["id"]):
        assert nodes["value"][i] == run.value(id_)
        grad = run.grad(id_)
        assert bool(nodes["flags"][i] & wire.GRAD) == (grad is not None)
        assert grad is None or nodes["grad"][i] == grad
    for e, edge in enumerate(run.graph.edges):
        assert (nodes["id"][edges["source"][e]], nodes["id"][edges["target"][e]]) == (edge.source, edge.target)
        assert edges["port"][e] == edge.port
        contribution = run.contribution(edge)
        assert bool(edges["flags"][e] & wire.CONTRIBUTION) == (contribution is not None)
        assert contribution is None or edges["contribution"][e] == contribution
        assert contribution is None or edges["local"][e] == run.local(edge)


def test_drawing_arrives_as_it_was_laid_out() -> None:
    run = explorer.trace(TWO_PATHS[0], **TWO_PATHS[1])
    boxes, placement = drawing(run)
    trace = wire.decode(wire.encode(run, placement, boxes, rev=7, title="∂ \ud800 title"))
    assert (trace["rev"], trace["title"], trace["orientation"]) == (7, "∂ \ud800 title", "lr")
    np.testing.assert_array_equal(trace["nodes"]["x"], placement.x)
    np.testing.assert_array_equal(trace["edges"]["points"].reshape(-1, 2), placement.points)
    np.testing.assert_array_equal(trace["edges"]["starts"], placement.starts)
    np.testing.assert_array_equal(trace["edges"]["chips"].reshape(-1, 2), placement.chips)
    assert set(trace["nodes"]["h"]) == {74}


@pytest.mark.parametrize("wrt", [None, "b"])
def test_moments_follow_the_steps(wrt: str | None) -> None:
    run, trace = decoded(*TWO_PATHS, wrt)
    rows, index = trace["moments"], run.graph.index
    steps = list(run.steps)[: len(run.graph)] + (
        list(run.tangents(wrt).steps) if wrt else list(run.steps)[len(run.graph) :]
    )
    expected: list[tuple[int, int, int]] = []
    sums: list[tuple[float, float]] = []
    phases = {"forward": moments.FORWARD, "backward": moments.BACKWARD, "tangent": moments.TANGENT}
    for place, step in enumerate(steps):
        if step.phase == "forward" or place == len(run.graph):
            expected.append((phases[step.phase], index[step.node], -1))
            sums.append((math.nan, 1.0 if place == len(run.graph) else float(run.value(step.node))))
        for arrival in step.arrivals:
            expected.append((phases[step.phase], index[step.node], run.graph.edge_number(arrival.edge)))
            sums.append((math.nan if arrival.before is None else arrival.before, arrival.after))
    assert list(zip(rows["phase"], rows["node"], rows["edge"], strict=True)) == expected
    np.testing.assert_array_equal(np.stack([rows["before"], rows["after"]], 1), np.array(sums))
    assert rows["forward"] == len(run.graph) and rows["count"] == len(expected)


class Parts(torch.nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        left, right = x.chunk(2, -1)
        return (left * left).sum() + right.exp().sum()


def test_an_operation_with_several_results_is_a_step_and_shows_the_size_of_all_their_gradients() -> None:
    x = torch.randn(2, 4, generator=torch.Generator().manual_seed(0), requires_grad=True)
    run = explorer.trace_module(Parts(), (x,))
    trace, split = wire.decode(blob_of(run)), run.graph.ops.index("split")
    flags, rows = int(trace["nodes"]["flags"][split]), trace["moments"]
    assert trace["nodes"]["shape"][split] == wire.SEVERAL and flags & wire.GRAD and not flags & wire.SCALAR
    assert list(rows["node"][: rows["forward"]]) == list(range(len(run.graph)))
    edges = [m for m in range(rows["count"]) if rows["edge"][m] >= 0]
    last = max(m for m in edges if trace["edges"]["source"][rows["edge"][m]] == split)
    left, right = x.detach().chunk(2, -1)
    assert rows["after"][last] == pytest.approx(float(torch.cat((2 * left, right.exp())).norm()))


def test_forward_mode_carries_tangents() -> None:
    run, trace = decoded(*TWO_PATHS, "b")
    assert (trace["mode"], trace["nodes"]["id"][trace["wrt"]]) == ("forward", "b")
    grads = dict(zip(trace["nodes"]["id"], trace["nodes"]["grad"], strict=True))
    assert (grads["e"], grads["c"], grads["d"]) == (5, 1, 1)
    assert math.isnan(grads["a"]) and not trace["nodes"]["flags"][run.graph.index["a"]] & wire.GRAD


def test_tensors_travel_as_norm_text_and_thumbnail() -> None:
    run, trace = decoded("y = W @ x", {"W": [[3.0, -4.0], [0.0, 1.0]], "x": [1.0, 2.0]})
    w = run.graph.index["W"]
    nodes, thumbs = trace["nodes"], trace["thumbs"]
    assert nodes["value"][w] == torch.linalg.vector_norm(run.value("W"))
    assert (nodes["shape"][w], nodes["text"][str(w)]) == ("[2, 2]", "[[3, −4], [0, 1]]")
    picture = nodes["thumb"][w]
    assert (thumbs["rows"][picture], thumbs["cols"][picture]) == (2, 2)
    np.testing.assert_array_equal(thumbs["cells"][64 * picture : 64 * picture + 4], np.float32([0.75, -1, 0, 0.25]))
    assert not nodes["flags"][w] & (wire.SCALAR | wire.EDITABLE)


def test_flags_say_what_is_broken_boolean_editable_and_the_output() -> None:
    run, trace = decoded("y = log(x)\nok = y > 0\nz = where(ok, y, x)", {"x": -1.0})
    flags = dict(zip(trace["nodes"]["id"], map(int, trace["nodes"]["flags"]), strict=True))
    assert flags["y"] & wire.VALUE_NOT_FINITE and not flags["x"] & wire.VALUE_NOT_FINITE
    assert flags["ok"] & wire.BOOLEAN and flags["x"] & wire.EDITABLE and not flags["y"] & wire.EDITABLE
    assert [id_ for id_, flag in flags.items() if flag & wire.OUTPUT] == [run.output]
    assert trace["nodes"]["id"][trace["firstNonfinite"]] == "y" == run.nonfinite


def test_a_single_leaf_without_edges() -> None:
    _, trace = decoded("y = x", {"x": 2.0})
    assert (trace["nodes"]["count"], trace["edges"]["count"]) == (1, 0)
    assert len(trace["edges"]["points"]) == 0


@pytest.mark.parametrize(("blob", "words"), [(b"PNG....", "not a trace"), (b"XPLR\x63\0\0\0\0\0\0\0", "version 99")])
def test_a_foreign_blob_is_refused(blob: bytes, words: str) -> None:
    with pytest.raises(CanvasError, match=words):
        wire.decode(blob)


READ = """
import { readFileSync } from "node:fs";
import { decode } from "./wire.js";
const plain = (key, value) => (ArrayBuffer.isView(value) ? Array.from(value, String) : value);
// One byte off, as a view into a longer message may be: columns must be aligned all the same.
const bytes = readFileSync(0);
const shifted = new Uint8Array(bytes.length + 1).subarray(1);
shifted.set(bytes);
console.log(JSON.stringify(decode(shifted), plain));
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed; the browser tests read blobs too")
@pytest.mark.parametrize("program", [TWO_PATHS, ("y = sum(exp(x))\nz = x @ x", {"x": [1.0, 2.0, 3.0]})])
def test_the_browser_reads_the_same(program: tuple[str, dict[str, Any]]) -> None:
    blob = blob_of(explorer.trace(program[0], **program[1]))
    command = ["node", "--input-type=module", "--eval", READ]
    read = json.loads(subprocess.run(command, input=blob, capture_output=True, check=True, cwd=FRONTEND).stdout)
    _assert_same(read, wire.decode(blob))


AMEND = """
import { readFileSync } from "node:fs";
import { decode, decodeOnto } from "./wire.js";
const plain = (key, value) => (ArrayBuffer.isView(value) ? Array.from(value, String) : value);
const [length, bytes] = [Number(process.argv[1]), readFileSync(0)];
const [whole, news] = [decode(bytes.subarray(0, length)), bytes.subarray(length)];
const found = decodeOnto(news, whole);
const others = [decodeOnto(news, null), decodeOnto(news, { ...whole, rev: 2 })];
console.log(JSON.stringify([found, ...others, found.nodes === whole.nodes && found.cut.at === whole.cut.at], plain));
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed; the browser tests read blobs too")
def test_what_is_new_on_the_whole_is_the_whole_amended_and_on_another_trace_nothing() -> None:
    run, at = explorer.trace(TWO_PATHS[0], **TWO_PATHS[1]), np.array([1.0, 2.0])
    boxes, placement = drawing(run)
    before = {"cut": wire.Section({"said": "here"}, {"at": at, "first": np.array([0, 1], np.uint8)})}
    now = {"cut": wire.Section({"moved": True}, {"at": at, "first": np.array([1, 1], np.uint8)})}
    blob = wire.encode(run, placement, boxes, rev=1, title="test", sections=before)
    news = wire.amendment(since=1, rev=3, sections=now, known=before)
    command = ["node", "--input-type=module", "--eval", AMEND, "--", str(len(blob))]
    done = subprocess.run(command, input=blob + news, capture_output=True, check=True, cwd=FRONTEND)
    read, of_none, of_another, is_shared = json.loads(done.stdout)
    _assert_same(read, wire.decode(wire.amended(blob, rev=3, sections=now)))
    assert (of_none, of_another, is_shared) == (None, None, True)


def _assert_same(read: Any, expected: Any) -> None:
    if isinstance(expected, np.ndarray):
        np.testing.assert_array_equal(np.array(read, dtype=np.float64), expected.astype(np.float64))
    elif isinstance(expected, dict):
        assert set(read) == set(expected)
        for key, value in expected.items():
            _assert_same(read[key], value)
    else:
        assert read == expected
