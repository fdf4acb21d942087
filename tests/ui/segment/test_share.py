"""What is cut, and the cuts of a session through its edits: kept, undone, carried over, begun anew."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from explorer.canvas.wire import decode
from explorer.errors import SegmentError
from explorer.segment.cut import after
from explorer.ui.activities import enter
from explorer.ui.model import ModelSource, fresh
from explorer.ui.model_source import own_source
from explorer.ui.segment import share
from explorer.ui.session import Session


def entered(model: ModelSource | None = None) -> Session:
    session = Session()
    if model is not None:
        session.set_model(model)
    enter(session, "segment")
    assert session.problem is None
    return session


@pytest.fixture(scope="module")
def sort() -> Session:
    """The small GPT, at its cuts."""
    return entered(fresh("gpt-sort"))


def test_a_model_is_cut_in_its_exported_graph_and_shown_eager_again_when_it_is_left(sort: Session) -> None:
    cutting = share.of(sort)
    assert cutting.run.exported is not None
    assert sort.view.run is cutting.run
    assert sort.view.own is not None
    own = sort.view.own.run
    assert decode(sort.view.blob)["activity"] == "segment"
    enter(sort, "step")
    assert sort.view.run is own
    assert sort.view.own is None
    enter(sort, "segment")
    assert sort.view.run is cutting.run


def test_cuts_are_undone_and_redone_on_a_stack_of_their_own(sort: Session) -> None:
    cutting, document = share.of(sort), sort.document
    first = after(cutting.graph, ["h.0"])
    cutting.place(first)
    cutting.name(0, " embedding and one block ")
    cutting.place(after(cutting.graph, ["h.0", "ln_f"]))
    assert cutting.cuts.names == ("embedding and one block", "")
    assert len(cutting.preview.contents) == 3
    cutting.undo()
    cutting.undo()
    assert cutting.segmentation is first
    assert cutting.cuts.names == ("",)
    cutting.redo()
    assert cutting.cuts.names == ("embedding and one block",)
    assert sort.document == document


def test_a_program_is_cut_as_it_runs_and_keeps_its_cuts_with_other_numbers() -> None:
    session = entered()
    cutting = share.of(session)
    assert cutting.run is session.view.run
    cutting.place(after(cutting.graph, ["c"]))
    session.set_input("a", 7.0)
    assert cutting.run is session.view.run
    assert cutting.run.value("a") == 7
    assert [cutting.graph.ids[node] for node in cutting.segmentation.members[1] if cutting.graph.inputs[node]] == [
        id_ for id_ in cutting.graph.ids if id_ not in ("c",) and cutting.graph.nodes[id_].inputs
    ]
    session.set_text("y = exp(a) + 1")
    assert cutting.segmentation.parts == 1
    assert cutting.changes.past == ()


def test_what_was_refused_is_said_and_the_last_valid_cuts_stay() -> None:
    session = entered()
    cutting = share.of(session)
    cutting.place(after(cutting.graph, ["c"]))
    held = cutting.cuts
    with cutting.guarded():
        cutting.place(after(cutting.graph, ["nowhere"]))
    assert cutting.said.refused
    assert "nowhere" in cutting.said.text
    assert cutting.cuts is held
    with pytest.raises(SegmentError, match="cannot be recomputed"):
        cutting.choose(cutting.graph.index["b"], "recomputed")
    assert cutting.cuts is held


def test_a_changed_prompt_keeps_the_cuts_of_a_model(sort: Session) -> None:
    cutting = share.of(sort)
    model = sort.document.model
    assert model is not None
    cutting.place(after(cutting.graph, ["h.0"]))
    held = cutting.segmentation.of
    sort.set_model(replace(model, prompt="BAC>"))
    assert sort.problem is None
    assert cutting.segmentation.of == held
    assert cutting.segmentation.graph is cutting.run.graph


def cut(session: Session, act: str, **more: object) -> None:
    session.on_event({"name": "cut", "serial": 1, "rev": session.view.rev, "act": act, **more})


def ids(session: Session, segment: int) -> set[str]:
    """The operations of a segment."""
    of = share.of(session).segmentation
    return {of.graph.ids[node] for node in of.members[segment] if of.units.unit[node] >= 0}


def test_gestures_of_the_canvas_add_drag_move_and_remove_cuts() -> None:
    session = entered()
    session.set_text("a = 2\nb = a + 1\nc = b * a\nd = c + 3\ne = d * b")
    section = decode(session.view.blob)["segment"]
    at = dict(
        zip(session.view.run.graph.ids, [section["at"][i] if i >= 0 else None for i in section["item"]], strict=True)
    )
    cut(session, "add", at=at["b"])
    assert (ids(session, 0), ids(session, 1)) == ({"b"}, {"c", "d", "e"})
    cut(session, "drag", cut=0, at=at["c"])
    assert ids(session, 0) == {"b", "c"}
    cut(session, "add", at=at["b"])
    cut(session, "rename", cut=1, text="two")
    assert [ids(session, k) for k in range(3)] == [{"b"}, {"c"}, {"d", "e"}]
    assert share.of(session).cuts.names == ("", "two")
    cut(session, "move", id="d", to=1)
    assert ids(session, 1) == {"c", "d"}
    cut(session, "move", id="c", to=0)
    assert share.of(session).said.text == "c is in A now."
    cut(session, "move", id="d", to=0)
    assert "Segment B would hold no operation" in share.of(session).said.text
    assert decode(session.view.blob)["segment"]["refused"]
    cut(session, "remove", cut=0)
    assert share.of(session).cuts.names == ("two",)
    cut(session, "undo")
    assert len(decode(session.view.blob)["segment"]["cuts"]) == 2


def test_a_stroke_is_completed_and_says_what_was_added() -> None:
    session = entered()
    session.set_text("a = 2\nb = a + 1\nc = b * 2\nd = c * b")
    graph = session.view.shown.graph
    edge = graph.edge_number(graph.edges[graph.edge_starts[graph.index["c"]]])
    cut(session, "stroke", edges=[edge])
    section = decode(session.view.blob)["segment"]
    assert "A way leads around the stroke" in section["said"]
    assert [graph.edges[number].target for number in section["added"]] == ["d"]
    assert ids(session, 0) == {"b"}
    before = share.of(session).cuts
    cut(session, "stroke", edges=[])
    assert "cuts through nothing" in share.of(session).said.text
    assert share.of(session).cuts is before


def test_a_cut_drops_on_the_drawing_that_it_was_made_on(sort: Session) -> None:
    cutting = share.of(sort)
    cutting.place(after(cutting.graph, ["h.0"]))
    drawing = decode(sort.view.blob)
    old = sort.view.rev
    cut(sort, "remove", cut=0)
    assert (decode(sort.view.blob)["nodes"]["y"] == drawing["nodes"]["y"]).all()
    sort.on_event({"name": "depth", "n": 3})
    sort.on_event({"name": "cut", "rev": old, "act": "add", "at": 100.0})
    assert "picture changed" in cutting.said.text
    assert cutting.segmentation.parts == 1


def test_a_cut_through_an_open_block_stays_where_it_is_when_the_block_is_closed(sort: Session) -> None:
    cutting = share.of(sort)
    sort.on_event({"name": "depth", "n": 3})
    section = decode(sort.view.blob)["segment"]
    cut(sort, "add", at=float(section["profileAt"][len(section["profileAt"]) // 3]))
    held = cutting.segmentation
    sort.on_event({"name": "depth", "n": 0})
    section = decode(sort.view.blob)["segment"]
    assert cutting.segmentation is held
    assert [(a, b) for a, b in zip(section["first"], section["last"], strict=True) if a != b] == [(0, 1)]


def test_what_cannot_be_captured_is_said_and_is_cut_as_it_runs(tmp_path: Path) -> None:
    """Which way this model goes depends on its numbers, which torch.export cannot know."""
    path = tmp_path / "branching.py"
    path.write_text(
        "import torch\n"
        "class Branching(torch.nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.layer = torch.nn.Linear(4, 4)\n"
        "    def forward(self, x):\n"
        "        y = self.layer(x)\n"
        "        return y.tanh() if y.sum() > 0 else y.exp()\n"
        "def make():\n"
        "    return Branching(), torch.ones(2, 4)\n"
    )
    session = entered(own_source(str(path), "make"))
    cutting = share.of(session)
    assert "torch.export gave up" in cutting.uncaptured and "line 8" in cutting.uncaptured
    assert cutting.planning.unproved == cutting.uncaptured
    cutting.place(after(cutting.graph, [next(id_ for id_ in cutting.graph.ids if "linear" in id_ or "addmm" in id_)]))
    assert len(cutting.preview.contents) == 2
