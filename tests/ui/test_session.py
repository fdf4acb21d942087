"""A session's document, its last good view and its history, whatever is done in which order."""

from __future__ import annotations

import math

import pytest

from explorer.canvas.wire import decode
from explorer.ui.document import Document
from explorer.ui.examples import examples
from explorer.ui.session import ONE_GESTURE_SECONDS, Session


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def session(clock: Clock) -> Session:
    return Session(clock=clock)


def edit(session: Session, node: str, value: float, final: bool = True) -> None:
    session.on_event({"name": "edit", "serial": 1, "rev": 1, "id": node, "value": value, "final": final})


def test_a_drag_is_written_into_the_text_and_undone_as_one(session: Session) -> None:
    before = session.document
    for value in (1.1, 1.2, 1.3):
        edit(session, "b", value, final=False)
        assert session.dragging and not session.is_behind
    edit(session, "b", 1.4)
    assert not session.dragging and session.is_behind
    assert "b = 1.4\n" in session.document.text and session.view.run.value("b") == 1.4
    session.undo()
    assert session.document == before


def test_two_edits_of_one_input_apart_in_time_are_undone_one_by_one(session: Session, clock: Clock) -> None:
    edit(session, "b", 5.0)
    clock.now += ONE_GESTURE_SECONDS + 0.1
    edit(session, "b", 6.0)
    session.undo()
    assert session.view.run.value("b") == 5


def test_every_view_has_a_new_rev(session: Session) -> None:
    first = decode(session.view.blob)["rev"]
    edit(session, "a", 3.0)
    assert decode(session.view.blob)["rev"] > first


def test_an_input_can_be_edited_while_the_text_is_broken_and_nothing_is_lost(session: Session) -> None:
    session.set_text("e = (a +")
    edit(session, "a", 9.0)
    assert session.view.run.value("a") == 9
    session.undo()
    assert session.document.text == "e = (a +" and session.problem is not None
    session.undo()
    assert session.document.text == examples()[0].program


def test_an_event_about_a_node_that_went_away_is_dropped(session: Session) -> None:
    session.set_text("y = 2 * q")
    before = session.document
    edit(session, "b", 3.0)
    edit(session, "q", math.nan)
    session.on_event({"name": "select", "id": "b"})
    session.on_event({"name": "unheard of"})
    assert session.document == before and session.selected is None


def test_the_selection_is_inspected_until_its_node_goes_away(session: Session) -> None:
    assert session.inspected == "b"
    session.on_event({"name": "select", "id": "c"})
    assert session.inspected == "c"
    session.set_text("y = 2 * q")
    assert session.inspected == "q"


def test_the_first_node_that_is_not_finite_is_inspected(session: Session) -> None:
    session.set_text("u = log(0 - a)\ny = u + 1")
    assert session.inspected == "u"


def test_the_direction_of_the_drawing_changes_and_the_run_stays(session: Session) -> None:
    run = session.view.run
    session.on_event({"name": "orient", "direction": "tb"})
    assert decode(session.view.blob)["orientation"] == "tb"
    assert session.view.run.value("e") == run.value("e")


def test_a_value_that_the_text_writes_out_wins_over_one_set_before(session: Session) -> None:
    session.set_text("y = q + r")
    session.set_input("q", 8.0)
    session.set_text("q = 3\ny = q + r")
    assert session.view.run.value("q") == 3


def test_a_literal_that_cannot_be_written_back_is_given_from_outside(session: Session) -> None:
    session.set_text("W = [[1, 2],  # first row\n     [3, 4]]\ny = sum(W)")
    session.set_input("W", [[1.0, 1.0], [1.0, 1.0]])
    assert session.view.run.value("y") == 4 and "# first row" in session.document.text


def test_what_no_longer_exists_is_no_longer_asked_for(session: Session) -> None:
    session.set_output("d")
    session.set_text("y = 2 * q")
    assert (session.view.run.output, session.problem) == ("y", None)


def test_the_programs_own_result_stays_the_output_when_it_changes(session: Session) -> None:
    session.set_output("d")
    session.set_output("e")
    session.set_text(session.document.text + "\nf = 2 * e")
    assert session.view.run.output == "f"


def test_an_upstream_gradient_that_no_longer_fits_is_ones_again(session: Session) -> None:
    session.set_text("y = 2 * [1, 2]")
    session.set_output("y", [5.0, 6.0])
    assert session.document.upstream == [5.0, 6.0]
    assert session.view.run.upstream.tolist() == [5, 6]
    session.set_text("y = 2 * [1, 2, 3]")
    assert session.view.run.upstream.tolist() == [1, 1, 1]


def test_a_link_that_cannot_be_traced_leaves_the_first_example_on_the_canvas() -> None:
    session = Session(Document("y = (a"))
    assert session.document.text == "y = (a" and session.problem is not None
    assert session.view.run.value("e") == 6


@pytest.mark.parametrize("value", [None, math.inf, "3", True, 10**400], ids=lambda value: str(value)[:9])
def test_an_edit_to_what_is_no_finite_number_changes_nothing(session: Session, value: object) -> None:
    before = session.document
    session.on_event({"name": "edit", "serial": 1, "rev": 1, "id": "b", "value": value, "final": True})
    assert session.document == before and session.problem is None


def test_an_event_that_fails_is_told_and_the_view_stays(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("explorer.ui.session.redrawn", fail)
    session.on_event({"name": "orient", "direction": "tb"})
    assert "mistake of the app" in str(session.problem) and session.view.run.value("e") == 6


def test_in_forward_mode_the_output_is_inspected(session: Session) -> None:
    session.set_mode(True)
    assert session.inspected == "e"


class Interrupted(BaseException):
    """As Streamlit raises where the user goes on while a page is being made."""


def test_what_is_interrupted_is_done_the_next_time_and_what_follows_after_it(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, done = session.document, list[str]()
    session.later(lambda: session.set_text("y = x ^ 3"))
    session.later(lambda: done.append(session.document.text))

    def interrupt(*_: object, **__: object) -> None:
        raise Interrupted

    with monkeypatch.context() as patched:
        patched.setattr("explorer.ui.session.look", interrupt)
        with pytest.raises(Interrupted):
            session.catch_up()
    assert session.document is before and not session.history.past and session.is_waiting and not done
    session.catch_up()
    assert done == ["y = x ^ 3"] and session.view.run.graph.ops[-1] == "pow" and not session.is_waiting


def test_what_is_given_up_is_not_done(session: Session) -> None:
    session.later(lambda: session.set_text("y = x"))
    session.give_up()
    session.catch_up()
    assert session.document.text != "y = x"


def test_what_is_interrupted_turns_and_opens_nothing(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    session.set_text("x = 1\nfor i in range(3):\n  x = x * 2 + 1\ny = x")
    direction, opened = session.direction, session.opened

    def interrupt(*_: object, **__: object) -> None:
        raise Interrupted

    monkeypatch.setattr("explorer.ui.session.redrawn", interrupt)
    for event in ({"name": "orient", "direction": "tb"}, {"name": "depth", "n": 0}):
        with pytest.raises(Interrupted):
            session.on_event(event)
    assert session.direction == direction and session.opened == opened


def test_a_program_that_was_not_waited_for_stays_as_it_was_typed(session: Session) -> None:
    before = session.document
    session.later(lambda: session.set_text("y = x ^ 3"), "text", lambda: session.leave_text("y = x ^ 3"))
    session.give_up()
    assert session.document.text == "y = x ^ 3" and session.view.document == before and not session.is_current
    session.undo()
    assert session.document == before and session.is_current
