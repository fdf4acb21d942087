"""Widgets that show what the session has, and what the browser may still tell of those that showed something else."""

from __future__ import annotations

from typing import Any

from streamlit.testing.v1 import AppTest


def page() -> None:
    """One number of the session, as a field that rounds to halves and as a select box, and a button that sets it."""
    import streamlit as st

    from explorer.ui.widgets import showing

    kept = st.session_state.setdefault("kept", {"number": 2.0, "heard": []})

    def take(new: float) -> None:
        kept["heard"].append(new)
        kept["number"] = round(2 * new) / 2

    st.button("Seven", on_click=lambda: kept.update(number=7.0))
    st.number_input("Number", **showing("number", kept["number"], take), step=0.1)
    st.selectbox("Choice", **showing("choice", kept["number"], take, among=[2.0, 3.0, 7.0]))
    if kept["number"] != 7:
        st.toggle("Large", **showing("large", kept["number"] > 2))


def app() -> Any:
    return AppTest.from_function(page).run()


def test_widgets_show_the_session_and_tell_it_what_is_set() -> None:
    running = app()
    assert running.number_input[0].value == running.selectbox[0].value == 2
    running.selectbox[0].set_value(3.0).run()
    assert running.session_state["kept"]["heard"] == [3] and running.number_input[0].value == 3
    assert running.toggle[0].value is True


def test_what_the_browser_still_tells_of_a_widget_that_showed_something_else_changes_nothing() -> None:
    running = app()
    old = running.number_input[0], running.selectbox[0]
    told = [one._widget_state for one in old]
    running.button[0].click().run()
    new = running.number_input[0], running.selectbox[0]
    assert all(one.key != other.key and one.value == 7 for one, other in zip(new, old, strict=True))
    states = running._tree.get_widget_states()
    states.widgets.extend(told)
    running._run(states)
    assert running.session_state["kept"] == {"number": 7.0, "heard": []}


def test_a_widget_that_the_session_corrects_stays_where_it_is() -> None:
    running = app()
    key = running.number_input[0].key
    running.number_input[0].set_value(3.4).run()
    assert running.number_input[0].key == key and running.number_input[0].value == 3.5


def test_a_widget_that_comes_back_shows_what_the_session_has_by_then() -> None:
    running = app()
    assert running.toggle[0].value is False
    running.button[0].click().run()
    assert not running.toggle
    running.number_input[0].set_value(4.0).run()
    assert running.toggle[0].value is True
