"""The section of colours: per seen node what the overlay says, per edge the bytes of its value."""

from __future__ import annotations

import torch

from explorer.canvas.overlays import NONE
from explorer.canvas.wire import decode
from explorer.overlays import overlay, paint
from explorer.ui.activities import enter
from explorer.ui.coloring import File, color_by, color_by_file
from explorer.ui.document import Document
from explorer.ui.model import fresh
from explorer.ui.session import Session


def section(session: Session) -> dict[str, object]:
    found: dict[str, object] = decode(session.view.blob)["overlays"]
    return found


def test_no_colour_at_the_start_and_all_to_choose_from() -> None:
    found = section(Session())
    assert found["chosen"] == "" and found["sheets"] == []
    keys = [choice["key"] for choice in found["choices"]]  # type: ignore[attr-defined]
    assert {"value", "gradient", "time", "memory", "flops", "dtype", "level", "finite"} <= set(keys)
    assert "file" not in keys and "segment" not in keys


def test_what_is_chosen_stays_through_edits_and_undo() -> None:
    session = Session()
    session.on_event({"name": "overlay", "key": "flops"})
    session.set_text("y = a * a\nz = y + 1")
    found = section(session)
    assert found["chosen"] == "flops"
    painted = paint(overlay("flops", session.view.run))
    assert found["sheets"][0]["texts"] == [painted.text(i) for i in range(len(painted.data))]  # type: ignore[index]
    assert [NONE if c < 0 else c for c in painted.classes] == list(found["classes"])  # type: ignore[call-overload]
    session.undo()
    assert section(session)["chosen"] == "flops"
    session.on_event({"name": "overlay", "key": "no such thing"})
    assert section(session)["chosen"] == ""


def test_bytes_of_edges_are_those_of_the_tensors_also_out_of_closed_groups() -> None:
    session = Session(Document("", model=fresh("gpt-sort")))
    trace = decode(session.view.blob)
    names = [*trace["nodes"]["id"], *trace["hidden"]["id"]]
    run, seen = session.view.run, session.view.seen
    assert seen is not None
    for edge, value in enumerate(trace["edges"]["value"]):
        original = seen.shows[value] if value < len(seen.shows) else run.graph.index[names[value]]
        tensor = run.values[original]
        assert isinstance(tensor, torch.Tensor)
        assert trace["overlays"]["bytes"][edge] == tensor.numel() * tensor.element_size()


def test_a_file_colours_and_one_that_no_longer_fits_says_so_and_leaves_the_rest() -> None:
    session = Session()
    color_by_file(session, File("mine.json", '{"c": 1, "d": 2}'))
    session.catch_up()
    assert section(session)["chosen"] == "file" and session.coloring.problem is None
    session.set_text("y = a * 2")
    assert section(session)["chosen"] == "" and "'c', 'd'" in str(session.coloring.problem)
    assert session.view.run.output == "y"
    session.undo()
    assert section(session)["chosen"] == "file"


def test_times_are_measured_in_sight_once_for_one_graph() -> None:
    session = Session()
    color_by(session, "time")
    assert session.is_waiting and section(session)["chosen"] == ""
    session.catch_up()
    texts = section(session)["sheets"][0]["texts"]  # type: ignore[index]
    session.set_input("a", 7.0)
    assert section(session)["sheets"][0]["texts"] == texts  # type: ignore[index]


def test_segments_colour_once_there_are_some_and_tables_have_the_column() -> None:
    session = Session()
    assert session.coloring.column(session.view) is None
    enter(session, "segment")
    enter(session, "step")
    session.on_event({"name": "overlay", "key": "segment"})
    column = session.coloring.column(session.view)
    assert column == ("Segment", ["A"] * len(session.view.run.graph))
    assert section(session)["sheets"][0]["entries"][0]["mark"] == "A"  # type: ignore[index]
