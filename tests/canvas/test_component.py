"""Events of the canvas: each is heard once, however Streamlit batches them."""

from __future__ import annotations

from typing import Any

from explorer.canvas.component import unheard


def event(serial: int, name: str, **more: Any) -> dict[str, Any]:
    return {"serial": serial, "rev": 1, "name": name, **more}


def test_what_was_heard_is_not_heard_again_and_nothing_is_left_out() -> None:
    events = [event(4, "select", id="a"), event(5, "toggle", key="h/0"), event(6, "depth", n=1)]
    assert unheard(events, 0) == events
    assert unheard(events, 4) == events[1:]
    assert unheard(events, 6) == []


def test_of_edits_of_one_input_in_a_row_the_latest_is_heard() -> None:
    first, second = (event(s, "edit", id="a", value=s / 10, final=False) for s in (1, 2))
    other = event(3, "edit", id="b", value=0.3, final=False)
    last = event(4, "edit", id="a", value=0.4, final=True)
    assert unheard([first, second, other, last], 0) == [second, other, last]
