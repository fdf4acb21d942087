"""The reasons for cuts, worked out again from all that a cut one operation away would cost."""

from __future__ import annotations

import re

from explorer.segment.api import segment
from explorer.segment.edit import move
from explorer.segment.preview import preview
from explorer.segment.wording import size
from tests.segment.models import traced


def test_what_would_cross_with_an_operation_on_the_other_side_is_so() -> None:
    """For every reason that names an operation which changes sides alone: its bytes are those of the preview there."""
    run = traced("export", 3)
    seg = segment(run, parts=3)
    assert seg.plan is not None
    tried = 0
    for cut, line in enumerate(seg.plan.cuts):
        assert "Cut here because with " in line
        for id_, where, told in re.findall(r"with (\S+) (behind|ahead of) it (.*?)(?:;|\.$)", line):
            moved = move(seg.segmentation, run.graph.find(id_), cut + (where == "behind"))
            then, now = size(preview(moved.segmentation, seg.costs).links[cut]), size(seg.preview.links[cut])
            if len(moved.moved) == 1 and then != now:
                assert f"{then} would cross, not {now}" in told
                tried += 1
    assert tried
