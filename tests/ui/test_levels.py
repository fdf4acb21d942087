"""Which groups are open: at the start, by hand, and after edits."""

from __future__ import annotations

from typing import Any

import pytest
from torch import nn

import explorer
from explorer.canvas.wire import decode
from explorer.export.placing import READABLE, first_opened, groups_of
from explorer.models.presets import PRESETS
from explorer.passes.groups import Groups
from explorer.ui import state
from explorer.ui.document import Document
from explorer.ui.examples import examples
from explorer.ui.levels import answered
from explorer.ui.model import ModelSource, fresh
from explorer.ui.session import Session
from explorer.ui.steps import rows

LOOPS = "s = x\nfor i in range(3):\n    u = s * w\n    for j in range(2):\n        u = tanh(u) * w\n    s = s + u"


@pytest.fixture
def session() -> Session:
    found = Session(Document(LOOPS))
    assert found.view.groups is not None
    return found


def toggle(session: Session, key: str) -> None:
    session.on_event({"name": "toggle", "serial": 1, "rev": 1, "key": key})


def shown(session: Session) -> dict[str, bool]:
    """The keys of the groups on the canvas, and whether they are open."""
    return {group["key"]: group["node"] < 0 for group in decode(session.view.blob)["groups"]}


def test_a_graph_without_scopes_has_no_groups() -> None:
    assert groups_of(explorer.trace("y = a * b", a=1.0, b=2.0).graph) is None


def test_a_small_graph_opens_with_everything_open(session: Session) -> None:
    assert len(session.view.run.graph) <= READABLE
    assert shown(session) and all(shown(session).values())


def test_a_larger_program_opens_closed(session: Session) -> None:
    session.set_text(LOOPS.replace("range(3)", "range(20)"))
    assert shown(session) == {"for i=0…19": True, **{f"for i={i}": False for i in range(20)}}
    session.set_text(LOOPS.replace("range(3)", "range(500)"))
    assert shown(session) == {"for i=0…499": False}


@pytest.mark.parametrize(
    ("source", "blocks"),
    [
        (fresh("gpt"), {"h/0", "h/1"}),
        (ModelSource("gpt", {"layers": 6}, prompt=fresh("gpt").prompt), {"h/0…5"}),
    ],
)
def test_a_model_opens_at_its_blocks(source: ModelSource, blocks: set[str]) -> None:
    session = Session()
    session.set_model(source)
    closed = {key for key, is_open in shown(session).items() if not is_open}
    assert blocks <= closed == set(shown(session))


def test_a_model_inside_another_opens_it() -> None:
    class Outer(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = explorer.models.load("gpt")

        def forward(self, tokens: Any) -> Any:
            return self.inner(tokens)

    groups = groups_of(explorer.trace_module(Outer(), explorer.models.example("gpt")).graph)
    assert groups is not None and first_opened(groups) == groups.down_to(1)
    assert "inner" in first_opened(groups) and "inner/h/0" not in first_opened(groups)


def test_toggle_and_depth(session: Session) -> None:
    toggle(session, "for i=1")
    assert shown(session)["for i=1"] is False and "for i=1/for j=0" not in shown(session)
    toggle(session, "for i=1")
    assert all(shown(session).values())
    session.on_event({"name": "depth", "serial": 2, "rev": 1, "n": 1})
    assert shown(session)["for i=1"] is True and shown(session)["for i=1/for j=0"] is False
    rev = decode(session.view.blob)["rev"]
    toggle(session, "no such group")
    assert decode(session.view.blob)["rev"] > rev and shown(session)["for i=1"] is True


def test_a_whole_level_of_a_large_graph_waits_until_the_page_can_show_that_it_works(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "MANY", len(session.view.run.graph) - 1)
    before = shown(session)
    state.on_event(session, {"name": "depth", "serial": 2, "rev": 1, "n": 1})
    assert session.is_waiting and session.is_behind and shown(session) == before
    session.catch_up()
    assert shown(session)["for i=1/for j=0"] is False


def test_opening_keeps_the_run_and_asks_nothing_of_the_rest_of_the_page(session: Session) -> None:
    run = session.view.run
    toggle(session, "for i=1")
    session.on_event({"name": "orient", "serial": 2, "rev": 1, "direction": "tb"})
    assert session.view.run is run and shown(session)["for i=1"] is False
    session.is_behind = False
    toggle(session, "for i=1")
    assert not session.is_behind and session.selected is None


def test_edits_keep_what_is_open_and_another_example_does_not(session: Session) -> None:
    toggle(session, "for i=1")
    session.set_input("x", 3.0)
    assert shown(session)["for i=1"] is False
    session.set_text(LOOPS + "\ny = s * s")
    assert shown(session)["for i=1"] is False and shown(session)["for i=0"] is True
    session.open(examples()[0])
    assert session.opened is None
    session.undo()
    assert all(shown(session).values())


def test_a_selected_group_stays_selected_through_edits_that_keep_it(session: Session) -> None:
    session.on_event({"name": "select", "serial": 1, "rev": 1, "id": "for i=1"})
    assert session.selected == "for i=1" and session.inspected == "s_1"
    session.set_input("x", 0.2)
    assert session.selected == "for i=1"
    session.set_text("y = x * 2")
    assert session.selected is None


def test_what_hides_a_node_opens_and_nothing_closes() -> None:
    groups = Groups(
        explorer.trace("u = x\nfor i in range(2):\n    for j in range(2):\n        u = tanh(u)", x=0.1).graph
    )
    hidden = next(id_ for id_ in groups.graph.ids if groups.of(groups.graph.index[id_]) == "for i=1/for j=0")
    opened = answered(groups, frozenset({"for i=0"}), {"name": "reveal", "id": hidden})
    assert opened == {"for i=0", "for i=1", "for i=1/for j=0"}
    assert answered(groups, frozenset(), {"name": "reveal", "id": "for i=1/for j=0"}) == {"for i=1"}
    assert answered(groups, frozenset(), {"name": "reveal", "id": "nowhere"}) == frozenset()


def test_one_of_a_fold_is_looked_into_and_the_next_with_the_same_inside_open() -> None:
    session = Session()
    session.set_model(ModelSource("gpt", {"layers": 6}, prompt=fresh("gpt").prompt))
    session.on_event({"name": "pick", "serial": 1, "rev": 1, "key": "h/0…5", "n": 2})
    toggle(session, "h/2/attn")
    assert {"h/0…5": True, "h/0…1": False, "h/2": True, "h/2/attn": True, "h/3…5": False}.items() <= shown(
        session
    ).items()
    session.on_event({"name": "pick", "serial": 2, "rev": 1, "key": "h/0…5", "n": 5})
    assert {"h/0…4": False, "h/5": True, "h/5/attn": True}.items() <= shown(session).items()
    assert not {"h/2", "h/3…5"} & shown(session).keys()
    session.on_event({"name": "pick", "serial": 3, "rev": 1, "key": "h/0…5", "n": -1})
    assert {f"h/{layer}" for layer in range(6)} <= shown(session).keys()
    session.on_event({"name": "pick", "serial": 4, "rev": 1, "key": "h/0…5", "n": 6})
    session.on_event({"name": "pick", "serial": 5, "rev": 1, "key": "ln_f", "n": 0})
    assert session.problem is None and "h/5" in shown(session)


def test_what_a_fold_hides_is_shown_alone() -> None:
    groups = Groups(explorer.trace("u = x\nfor i in range(9):\n    u = tanh(u) * w", x=0.1, w=1.2).graph)
    hidden = next(id_ for id_ in groups.graph.ids if groups.of(groups.graph.index[id_]) == "for i=4")
    opened = answered(groups, frozenset(), {"name": "reveal", "id": hidden})
    assert opened == {"for i=0…8", "for i=0…8#4", "for i=4"}
    assert answered(groups, frozenset({"for i=0…8"}), {"name": "reveal", "id": hidden}) == {"for i=0…8", "for i=4"}


def test_what_would_be_too_much_is_refused_and_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session(Document(LOOPS.replace("range(3)", "range(500)")))
    monkeypatch.setattr("explorer.ui.levels.MOST_SEEN", 1_000)
    session.on_event({"name": "depth", "serial": 1, "rev": 1, "n": 9})
    assert shown(session) == {"for i=0…499": False} and "cards at once" in session.note
    session.on_event({"name": "depth", "serial": 2, "rev": 1, "n": 0})
    assert session.note == "" and session.problem is None


@pytest.mark.parametrize("name", [name for family in PRESETS.values() for name in family])
def test_every_architecture_opens_down_to_its_operations(name: str) -> None:
    """Small integers, empty tensors, masks of infinities: all that these hold is drawn, and stands in the table."""
    pytest.importorskip("transformers")
    session = Session(Document("", model=fresh(name, "preset")))
    assert session.view.title == name and session.view.groups is not None
    session.on_event({"name": "depth", "n": len(session.view.groups.by_key)})
    assert session.problem is None and not session.note
    drawn = decode(session.view.blob)["nodes"]
    assert drawn["id"] == list(session.view.run.graph.ids)
    assert len(list(rows(session.view))) > len(drawn["id"])
