"""The page of springs: complete, closed to the outside, and safe with any text."""

import dataclasses
import json
import re

import pytest

import explorer
from explorer.errors import ExportError
from explorer.export import physics, to_physics
from explorer.run import Run


def data_sets(page: str) -> list[list[dict[str, object]]]:
    return [json.loads(found) for found in re.findall(r"new vis\.DataSet\((\[.*?\])\);", page)]


def test_every_node_and_every_port_is_there() -> None:
    run = explorer.trace("y = x*x + b", x=3.0, b=[1.0, 2.0])
    nodes, edges = data_sets(to_physics(run))
    assert [node["label"].split("\n")[1] for node in nodes] == ["3", "9", "[2]", "[2]"]
    assert sorted((edge["from"], edge["to"]) for edge in edges) == [(0, 1), (0, 1), (1, 3), (2, 3)]


def test_nothing_is_loaded_from_outside() -> None:
    page = to_physics(explorer.trace("y = a*b", a=1, b=2), theme="dark")
    assert not re.search(r"<link\b|<(script|img|iframe)\b[^>]*\bsrc=", page, re.IGNORECASE)
    assert "default-src 'none'" in page


def test_text_of_users_stays_text() -> None:
    run = explorer.trace("y = a*2", a=1)
    hostile = "</script><script>document.title='taken'</script>"
    graph = dataclasses.replace(run.graph, names=[hostile, *run.graph.names[1:]])
    page = to_physics(Run(graph, run.values))
    assert hostile not in page
    assert hostile in str(data_sets(page)[0][0]["label"])


def test_a_graph_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(physics, "MOST_NODES", 2)
    with pytest.raises(ExportError, match="at most 2 nodes; this graph has 3"):
        to_physics(explorer.trace("y = a*b", a=1, b=2))
