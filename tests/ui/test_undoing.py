"""What was done last is undone first, whether it was an edit of the document or a change of an activity's own."""

from __future__ import annotations

from dataclasses import replace

from explorer.segment.cut import after
from explorer.ui import undoing
from explorer.ui.activities import enter
from explorer.ui.document import LENGTH
from explorer.ui.optimise import share as optimise
from explorer.ui.segment import share as segment
from explorer.ui.session import Session


def test_cuts_and_edits_are_undone_and_redone_in_the_order_in_which_they_were_made() -> None:
    session = Session()
    enter(session, "segment")
    cutting = segment.of(session)

    def state() -> tuple[int, float]:
        return cutting.segmentation.parts, float(session.view.run.value("a") or 0.0)

    told = [state()]
    cutting.place(after(cutting.graph, ["c"]))
    told.append(state())
    session.set_input("a", 7.0)
    told.append(state())
    cutting.place(after(cutting.graph, ["d"]))
    cutting.name(0, "here")
    told.append(state())
    assert told[0][0] == 1 and told[1][0] == 2 and told[1][1] != told[2][1]
    undoing.undo(session)
    assert cutting.cuts.names == ("",)
    undoing.undo(session)
    assert state() == told[2]
    undoing.undo(session)
    assert state() == told[1]
    undoing.undo(session)
    assert state() == told[0] and not undoing.can_undo(session)
    for number in (1, 2):
        undoing.redo(session)
        assert state() == told[number]
    undoing.redo(session)
    undoing.redo(session)
    assert state() == told[3] and cutting.cuts.names == ("here",) and not undoing.can_redo(session)


def test_an_edit_after_a_cut_is_undone_first_however_many_there_were_before() -> None:
    session = Session()
    enter(session, "segment")
    cutting = segment.of(session)
    session.history = replace(session.history, past=(session.document,) * LENGTH)
    cutting.place(after(cutting.graph, ["c"]))
    session.set_input("a", 7.0)
    undoing.undo(session)
    assert session.view.run.value("a") == 2 and cutting.segmentation.parts == 2
    undoing.undo(session)
    assert cutting.segmentation.parts == 1


def test_elsewhere_the_document_alone_is_undone() -> None:
    session = Session()
    enter(session, "segment")
    cutting = segment.of(session)
    cutting.place(after(cutting.graph, ["c"]))
    enter(session, "step")
    assert not undoing.can_undo(session)
    session.set_text("y = x")
    undoing.undo(session)
    assert cutting.segmentation.parts == 2 and not undoing.can_undo(session)
    enter(session, "segment")
    assert undoing.can_undo(session)


def test_cuts_are_there_again_when_another_program_is_undone() -> None:
    session = Session()
    enter(session, "segment")
    cutting = segment.of(session)
    made = after(cutting.graph, ["c"])
    cutting.place(made)
    session.set_text("y = sin(cos(x))")
    assert cutting.segmentation.parts == 1
    undoing.undo(session)
    assert cutting.segmentation.of == made.of
    undoing.undo(session)
    assert cutting.segmentation.parts == 1 and not undoing.can_undo(session)


def test_passes_are_undone_before_what_was_edited_ahead_of_them() -> None:
    session = Session()
    session.set_text("y = (a + b) * (a + b)")
    enter(session, "optimise")
    found = optimise.of(session)
    found.apply("merge")
    session.set_input("a", 3.0)
    found.apply("fold")
    for applied, edits in ((("merge",), 2), (("merge",), 1), ((), 1)):
        undoing.undo(session)
        assert (found.applied, session.history.edits) == (applied, edits)
    for applied, edits in ((("merge",), 1), (("merge",), 2), (("merge", "fold"), 2)):
        undoing.redo(session)
        assert (found.applied, session.history.edits) == (applied, edits)
