"""Pictures show groups as the canvas does, and the colours of an overlay with their legend."""

from __future__ import annotations

import io
import json
import re
from xml.etree import ElementTree

import pygraphviz
import pytest
from PIL import Image

import explorer
from explorer.errors import ExportError, OverlayError
from explorer.export import pdf, to_dot, to_json_text, to_pdf, to_png, to_svg
from explorer.export.placing import groups_of
from explorer.overlays import overlay, paint
from explorer.passes.condense import condense
from explorer.passes.groups import Groups

SVG = "{http://www.w3.org/2000/svg}"
TWO_PATHS = ("c = a + b\nd = b + 1\ne = c * d", {"a": 2.0, "b": 1.0})


@pytest.fixture(scope="module")
def gpt() -> explorer.Run:
    return explorer.trace_module(explorer.models.load("gpt-sort"), explorer.models.example("gpt-sort"))


@pytest.fixture(scope="module")
def groups(gpt: explorer.Run) -> Groups:
    found = groups_of(gpt.graph)
    assert found is not None
    return found


def titles(svg: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(svg).iter(f"{SVG}title")]


def written(svg: str) -> set[str]:
    return {"".join(element.itertext()) for element in ElementTree.fromstring(svg).iter(f"{SVG}text")}


@pytest.mark.parametrize("depth", [0, 1, 3])
def test_open_groups_are_frames_and_closed_ones_cards(gpt: explorer.Run, groups: Groups, depth: int) -> None:
    found = titles(to_svg(gpt, opened=depth))
    seen = condense(gpt, groups, groups.down_to(depth))
    closed = set(seen.group_of.values())
    opened = {key for scope in seen.run.graph.scopes for key in scope}
    for key in closed | opened:
        group, operations = groups.by_key[key], groups.contents(key).operations
        ops = "1 op" if operations == 1 else f"{operations:,} ops"
        named = [title for title in found if title.startswith(group.name) and ops in title]
        assert any((", closed." in title) == (key in closed) for title in named), key
    assert sum(", closed." in title for title in found) == len(closed)


def test_cards_bear_the_colours_and_the_legend_says_them(gpt: explorer.Run, groups: Groups) -> None:
    svg = to_svg(gpt, opened=1, overlay="flops", theme="dark")
    painted = paint(overlay("flops", gpt), condense(gpt, groups, groups.down_to(1)))
    fills = re.findall(r'fill="(#[0-9A-F]{6})"', svg)
    for entry in painted.entries:
        assert entry.label in written(svg) and fills.count(entry.dark) >= 2
    assert {painted.text(place) for place in range(len(painted.data))} - {""} <= written(svg)


def test_an_overlay_that_is_not_there_is_refused(gpt: explorer.Run) -> None:
    with pytest.raises(OverlayError, match="'flop'"):
        to_svg(gpt, overlay="flop")


def test_nothing_is_coloured_without_an_overlay() -> None:
    run = explorer.trace(TWO_PATHS[0], **TWO_PATHS[1])
    assert "FLOP" not in to_svg(run) and "FLOP" in to_svg(run, overlay="flops")


@pytest.mark.parametrize("width", [300, 777, 2400])
def test_a_png_is_as_wide_as_it_is_asked_to_be(width: int) -> None:
    run = explorer.trace(TWO_PATHS[0], **TWO_PATHS[1])
    assert Image.open(io.BytesIO(to_png(run, width=width, overlay="memory"))).width == width
    with pytest.raises(ExportError, match="smaller scale"):
        to_png(run, width=100_000)


def test_clusters_hold_the_nodes_of_open_groups(gpt: explorer.Run, groups: Groups) -> None:
    seen = condense(gpt, groups, groups.down_to(2))
    graph = pygraphviz.AGraph(string=to_dot(gpt, opened=2))
    assert len(graph.nodes()) == len(seen.run.graph) and len(graph.edges()) == seen.run.graph.edge_starts[-1]
    names = {"node %d" % i if "/" in id_ else id_: i for i, id_ in enumerate(seen.run.graph.ids)}  # noqa: UP031

    def walk(part: pygraphviz.AGraph, around: tuple[str, ...]) -> int:
        count = 0
        for cluster in part.subgraphs():
            depth = len(around) + 1
            inside = {seen.run.graph.scopes[names[node]][:depth] for node in cluster.nodes()}
            (scope,) = inside
            assert scope[:-1] == around and cluster.graph_attr["label"].startswith(groups.by_key[scope[-1]].name)
            count += 1 + walk(cluster, scope)
        return count

    opened = {scope[:d] for scope in seen.run.graph.scopes for d in range(1, len(scope) + 1)}
    assert walk(graph, ()) == len(opened)


def test_names_of_groups_cannot_end_a_label() -> None:
    run = explorer.trace("y = x\nfor i in range(2):\n  y = sin(y)", x=1.0)
    hostile = tuple((scope[0] + '"];<b>\\N',) if scope else () for scope in run.graph.scopes)
    from dataclasses import replace

    graph = replace(run.graph, scopes=hostile)
    dot = to_dot(explorer.Run(graph, run.values))
    parsed = pygraphviz.AGraph(string=dot)
    assert len(parsed.subgraphs()) == 2 and len(parsed.nodes()) == len(graph)


def test_a_pdf_is_drawn_by_graphviz_within_bounds(gpt: explorer.Run, monkeypatch: pytest.MonkeyPatch) -> None:
    found = to_pdf(gpt, opened=0, overlay="dtype")
    assert found.startswith(b"%PDF-") and found.rstrip().endswith(b"%%EOF")
    monkeypatch.setattr(pdf, "MOST_NODES", 5)
    with pytest.raises(ExportError, match="at most 5 nodes"):
        to_pdf(gpt)


def test_json_says_which_groups_are_open_and_what_the_overlay_is(gpt: explorer.Run, groups: Groups) -> None:
    data = json.loads(to_json_text(gpt, opened=1, overlay="memory"))
    assert [group["key"] for group in data["groups"]] == list(groups.by_key)
    for group in data["groups"]:
        known = groups.by_key[group["key"]]
        assert group["open"] == (known.depth <= 1)
        assert group["nodes"] == [gpt.graph.ids[member] for member in known.members]
    expected = overlay("memory", gpt)
    assert data["overlay"]["values"] == dict(zip(gpt.graph.ids, expected.data, strict=True))
    for key, total in data["overlay"]["groups"].items():
        assert total == sum(expected.data[m] or 0.0 for m in groups.by_key[key].members)  # type: ignore[misc]
    assert json.loads(to_json_text(gpt))["overlay"] is None
