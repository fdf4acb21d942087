"""Passes applied to what is shown and taken back, marks on the canvas, and one program beside its built graph."""

from __future__ import annotations

import pytest

from explorer.canvas.wire import decode
from explorer.capture.expression import Program
from explorer.execute import levels
from explorer.export.theme import LIGHT
from explorer.passes.parallel import critical_path, schedule
from explorer.progress import told_to
from explorer.ui.activities import enter
from explorer.ui.document import Document
from explorer.ui.lit import light
from explorer.ui.model_source import fresh
from explorer.ui.optimise import memory, timeline
from explorer.ui.optimise.section import FOLDED, GONE, KEPT, MERGED
from explorer.ui.optimise.share import Keeping, Optimising, of, refusal
from explorer.ui.optimise.watching import Watching, is_alike
from explorer.ui.session import Session

TEXT = "a = 1\nb = 2\nu = (a + b) * (b + a)\nk = 2 * 3\ndead = sin(a)\ny = u * k"


@pytest.fixture
def session() -> Session:
    found = Session(Document(TEXT))
    enter(found, "optimise")
    assert found.problem is None
    return found


def marks(session: Session) -> dict[str, tuple[int, str]]:
    trace = decode(session.view.blob)
    found = trace["optimise"]
    ids = trace["nodes"]["id"]
    return {
        id_: (int(m), found["tags"].get(str(i), ""))
        for i, (id_, m) in enumerate(zip(ids, found["mark"], strict=True))
        if m
    }


def apply_all(found: Optimising) -> None:
    for key in ("merge", "fold", "prune"):
        found.apply(key)  # type: ignore[arg-type]


def test_passes_are_applied_to_what_is_shown_and_taken_back_one_by_one(session: Session) -> None:
    found, sizes = of(session), [len(session.view.run.graph)]
    assert found.offers(session.view) == {"merge": 1, "fold": 2, "prune": 1}
    for key in ("merge", "fold", "prune"):
        found.apply(key)
        sizes.append(len(session.view.run.graph))
    assert sizes == [10, 9, 7, 6] and session.view.document.text == TEXT
    result = found.result(session.view)
    assert result is not None and result.proof.values and result.proof.gradients
    for size in sizes[2::-1]:
        found.undo()
        assert len(session.view.run.graph) == size
    found.redo()
    assert found.applied == ("merge",) and found.undone == ("prune", "fold")
    found.apply("prune")
    assert found.undone == ()


def test_other_activities_see_the_graph_as_it_was(session: Session) -> None:
    apply_all(of(session))
    enter(session, "step")
    assert len(session.view.run.graph) == 10
    enter(session, "optimise")
    assert len(session.view.run.graph) == 6


def test_an_edited_input_goes_through_the_passes_again(session: Session) -> None:
    apply_all(of(session))
    session.set_input("a", 5.0)
    assert len(session.view.run.graph) == 6 and float(session.view.run.value("y")) == 49 * 6  # type: ignore[arg-type]


def test_what_changed_is_marked_before_and_after(session: Session) -> None:
    apply_all(of(session))
    assert marks(session) == {"v1": (MERGED, "2 in 1"), "k": (FOLDED, "folded")}
    of(session).show(shows_before=True)
    gone = {"constant": (GONE, "not needed"), "constant_1": (GONE, "not needed"), "dead": (GONE, "not needed")}
    assert marks(session) == {"v1": (MERGED, "= A"), "v2": (GONE, "= A"), "k": (FOLDED, "constant")} | gone


def test_levels_and_the_critical_path_reach_the_canvas(session: Session) -> None:
    of(session).show(shows_critical=True)
    trace, graph = decode(session.view.blob), session.view.run.graph
    assert list(trace["optimise"]["level"]) == levels(graph)
    assert list(trace["lit"]["nodes"]) == critical_path(graph)
    ends = [(trace["edges"]["source"][e], trace["edges"]["target"][e]) for e in trace["lit"]["edges"]]
    assert ends == list(zip(critical_path(graph), critical_path(graph)[1:], strict=False))
    of(session).show(shows_critical=False)
    assert len(decode(session.view.blob)["lit"]["edges"]) == 0


def test_rounding_is_kept_unless_it_is_let_go() -> None:
    session = Session(Document("y = a * b * 0.1 + a * b * 0.2", {"a": 1.0, "b": 7.0}))
    enter(session, "optimise")
    found = of(session)
    assert found.offers(session.view)["merge"] == 0
    found.show(exact=False)
    found.apply("merge")
    result = found.result(session.view)
    assert result is not None and result.proof.values and not result.proof.gradients


def test_a_lit_path_follows_the_graph_and_goes_with_it() -> None:
    session = Session(Document("y = a * a + b", {"a": 2.0, "b": 1.0}))
    edges = tuple(session.view.run.graph.edges)
    light(session, edges[1:3])
    trace = decode(session.view.blob)
    assert list(trace["lit"]["edges"]) == [1, 2] and len(trace["lit"]["nodes"]) == 3
    session.set_text("y = b")
    assert len(decode(session.view.blob)["lit"]["edges"]) == 0


def test_the_timeline_has_a_bar_for_every_task(session: Session) -> None:
    graph = session.view.run.graph
    line = schedule(graph, 3)
    figure = timeline.picture(graph, line, set(critical_path(graph)), "operations", "light")
    (bars,) = figure.data
    found = sorted(zip(bars.text, bars.base, bars.x, bars.y, strict=True))
    assert found == sorted((graph.ids[t.node], t.start, t.end - t.start, f"worker {t.worker + 1}") for t in line.tasks)
    thick = {id_ for id_, color in zip(bars.text, bars.marker.line.color, strict=True) if color == LIGHT.primary}
    assert thick == {graph.ids[node] for node in critical_path(graph) if graph.inputs[node]}


def test_checkpoints_chosen_by_hand_are_marked(session: Session) -> None:
    of(session).show(memory=Keeping(what="chosen", chosen=("u", "nothing")))
    assert marks(session) == {"u": (KEPT, "kept")}
    of(session).show(memory=Keeping(what="stride", chosen=("u",)))
    assert marks(session) == {}


@pytest.mark.parametrize(("what", "again"), [("every", 0), ("none", 4), ("stride", 2), ("chosen", 3)])
def test_memory_is_planned_as_chosen(what: str, again: int) -> None:
    run = Program("y = x\nfor i in range(5):\n  y = sin(y)").run({"x": 0.5})
    keeping = Keeping(what=what, stride=2, chosen=("y_2", "nothing"))  # type: ignore[arg-type]
    plans = memory.planned(run, keeping, is_program=True)
    assert list(plans.values())[-1].recomputed == again
    figure = memory.picture(run.graph, plans, "dark")
    assert [list(line.y) for line in figure.data] == [list(plan.live) for plan in plans.values()]
    plan = list(plans.values())[-1]
    parts = memory.lifetimes(run.graph, plan, "light").data
    bars = [bar for part in parts for bar in zip(part.y, part.base, part.x, strict=True)]
    assert sorted(bars) == [(n, first, last - first + 1) for n, (first, last) in enumerate(plan.lifetimes)]


def test_a_model_is_planned_by_its_pieces() -> None:
    session = Session()
    session.show_source("model")
    enter(session, "optimise")
    assert session.problem is None
    plans = memory.planned(session.view.run, Keeping(what="none"), is_program=False)
    every, none = plans.values()
    assert none.recomputed > 0 and none.total > every.total


def test_runs_are_counted_and_the_built_graph_stays() -> None:
    watching = Watching(Program("if x > 0:\n  y = x^2\nelse:\n  y = 0.1 * x"))
    for x in (1.0, 1.0, 2.0, -2.0, -3.0, 5.0):
        watching.lap({"x": x})
    assert [lap.changed for lap in watching.laps] == [False, False, True, False, True]
    assert watching.runs == 5 and watching.graphs == 2
    assert [lap.seen.taken["cond"] for lap in watching.laps] == [True, True, False, False, True]
    watching.measure()
    assert watching.times is not None and watching.refusal is None
    assert min(watching.times.dynamic, watching.times.static, watching.times.export) > 0


@pytest.mark.parametrize(("one", "two", "alike"), [
    ("x = 1\ny = 2 * x", "x = 5\ny = 2 * x", True), ("x = 1\ny = 2 * x", "x = 1\ny = 3 * x", False),
    ("W = [1, 2]\ny = sum(W)", "W = [3, 4]\ny = sum(W)", True), ("y = a", "y = b", False),
])  # fmt: skip
def test_one_graph_serves_programs_that_differ_in_their_inputs(one: str, two: str, alike: bool) -> None:
    assert is_alike(Program(one), Program(two)) is alike


def test_a_program_that_cannot_be_built_says_why() -> None:
    watching = Watching(Program("s = a\nfor i in range(n):\n  s = s + a"))
    assert watching.built is None and "known only when the program runs" in str(watching.problem)
    assert watching.lap({"a": 1.0, "n": 2.0}) is None


class Cancelled(BaseException):
    """What a page raises inside its work when its user goes on to something else."""


def a_model() -> tuple[Session, Optimising]:
    session = Session()
    session.set_model(fresh("llama-block"))
    enter(session, "optimise")
    return session, of(session)


def test_passes_are_applied_to_a_model_and_taken_back() -> None:
    session, found = a_model()
    before, offers = len(session.view.run.graph), found.offers(session.view)
    assert offers["merge"] > 0 and offers["fold"] > 0 and offers["prune"] == 0
    found.apply("fold")
    result = found.result(session.view)
    assert result is not None and result.proof.values and result.proof.gradients
    assert len(session.view.run.graph) == before - offers["fold"]
    found.undo()
    assert len(session.view.run.graph) == before and found.result(session.view) is None


def test_a_pass_that_is_cancelled_leaves_everything_as_it_was() -> None:
    session, found = a_model()
    before = session.view

    def cancel(share: float, words: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled), told_to(cancel):
        found.apply("merge")
    assert session.view is before and not found.applied and found.result(session.view) is None


def test_passes_go_along_to_another_document() -> None:
    session, found = a_model()
    found.apply("fold")
    session.show_source("program")
    assert session.problem is None and session.view.program is not None
    assert not refusal(session.view)
