"""What the browser counts with while a cut is dragged is what the preview says of the same cut."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from explorer.capture.trace import ModuleRun
from explorer.export.placing import place
from explorer.passes.condense import condense
from explorer.passes.groups import Groups
from explorer.segment.cost import costs
from explorer.segment.cut import Segmentation, placed
from explorer.segment.items import Items, items
from explorer.segment.live import Live, live
from explorer.segment.preview import preview
from explorer.segment.units import units
from tests.segment.models import traced


def shown(run: ModuleRun, depth: int) -> Items:
    """The items of a model drawn with its groups open down to a depth."""
    groups = Groups(run.graph)
    seen = condense(run, groups, groups.down_to(depth))
    boxes, placement = place(run.graph, seen, "tb", compact=True)
    middles = [float(y) + box.height / 2 for y, box in zip(placement.y, boxes, strict=True)]
    return items(units(run.graph), seen.node_of, middles)


def cut_at(found: Items, threshold: float) -> Segmentation:
    ahead = found.ahead(threshold)
    return placed(found.taken, [int(unit not in ahead) for unit in range(len(found.taken))])


def side(parts: Live, inside: Sequence[bool]) -> tuple[int, float]:
    """Parameters and operations of the items that are inside."""
    numbers, flops = 0, sum(cost for cost, is_in in zip(parts.flops, inside, strict=True) if is_in)
    for one in parts.held:
        if any(inside[reader] for reader in one.readers):
            numbers, flops = numbers + one.numbers, flops + one.flops
    return numbers, flops


@pytest.mark.parametrize("mode", ["eager", "export"])
@pytest.mark.parametrize("depth", [0, 1, 2, 5])
def test_a_line_across_the_picture_cuts_as_the_preview_says(mode: str, depth: int) -> None:
    run = traced(mode)
    found, known = shown(run, depth), costs(run.graph)
    parts = live(found, known)
    profile, seen = parts.profile(), 0
    for low, high in zip(profile.heights, profile.heights[1:], strict=False):
        threshold = (low + high) / 2
        said = preview(cut_at(found, threshold), known)
        seen += 1
        assert profile.at(threshold) == said.links[0]
        for segment, content in enumerate(said.contents):
            inside = [(at <= threshold) == (segment == 0) for at in found.at]
            assert side(parts, inside) == (content.parameters, pytest.approx(content.flops))
    assert seen >= (1 if depth == 0 else 4)


def test_choices_change_what_would_cross() -> None:
    run = traced("export")
    found, known = shown(run, 1), costs(run.graph)
    tied = next(one.node for one in live(found, known).held if one.numbers and len(one.readers) > 1)
    tokens = run.graph.index[next(id_ for id_ in run.graph.ids if run.graph.nodes[id_].op == "input")]
    for choices in ({tied: "sent"}, {tokens: "given"}, {tied: "sent", tokens: "given"}):
        parts = live(found, known, choices)
        profile = parts.profile()
        for low, high in zip(profile.heights, profile.heights[1:], strict=False):
            said = preview(cut_at(found, (low + high) / 2), known, choices)
            assert profile.at((low + high) / 2) == said.links[0]


def test_what_is_drawn_level_with_its_source_still_comes_after_it() -> None:
    run = traced("export")
    found = items(units(run.graph), range(len(run.graph)), [0.0] * len(run.graph))
    for target, sources in enumerate(found.taken.inputs):
        for source in sources:
            assert found.at[found.of_unit[source]] < found.at[found.of_unit[target]]


def test_parts_of_a_list_are_one_item_wherever_they_are_drawn() -> None:
    run = traced("eager")
    found = shown(run, 9)
    for unit, members in enumerate(found.taken.members):
        assert {found.of_node[node] for node in members} == {found.of_unit[unit]}
