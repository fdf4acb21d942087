"""Below the canvas: devices and links as tables to edit, to files and back; times measured here or elsewhere."""

from __future__ import annotations

from functools import partial
from typing import Any, Literal

import streamlit as st

from explorer.errors import SegmentError
from explorer.segment.devices import read_profiles, write_profiles
from explorer.segment.measured import COLUMNS, write_profile
from explorer.segment.profiles import shipped
from explorer.ui.html import tag
from explorer.ui.segment import rows, share
from explorer.ui.segment.planning import Planning
from explorer.ui.session import Session

SECONDS = 0.4


def draw(session: Session) -> None:
    planning = share.of(session).planning
    st.html(
        tag(
            "div",
            "Edit a cell, add a row at the end, select rows to delete them. Kept in this session.",
            class_="x-caption",
        )
    )
    _tables(planning)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _files(planning)
    _measured(planning)


def _tables(planning: Planning) -> None:
    """Both tables. What cannot be is said, and the profiles stay as they were."""
    base = planning.base
    edited = _table("device", planning), _table("link", planning)
    try:
        found = rows.read(base, *edited)
    except SegmentError as problem:
        st.error(str(problem))
        return
    if found != planning.profiles:
        planning.profiles = found
        st.rerun()


def _table(kind: rows.KindOf, planning: Planning) -> list[rows.Row]:
    """The rows of one table as they are edited."""
    edited: list[rows.Row] = st.data_editor(
        rows.written(kind, planning.base),
        key=f"profiles of {kind} {planning.edition}",
        num_rows="dynamic",
        hide_index=True,
        width="stretch",
        column_config=_columns(kind),
    )
    return edited


def _columns(kind: rows.KindOf) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for column in rows.COLUMNS[kind]:
        if column.is_text:
            made[column.title] = st.column_config.TextColumn(column.title, required=column.is_needed)
        else:
            made[column.title] = st.column_config.NumberColumn(column.title, required=column.is_needed, format="%.6g")
    return made


def _files(planning: Planning) -> None:
    every = planning.profiles.devices.values(), planning.profiles.links.values()
    forms: tuple[Literal["toml", "json"], ...] = ("toml", "json")
    for form in forms:
        st.download_button(
            f"Profiles as {form.upper()}",
            data=write_profiles(*every, form),
            file_name=f"profiles.{form}",
            icon=":material/download:",
            on_click="ignore",
            key=f"profiles {form}",
        )
    with st.popover("Bring profiles", icon=":material/upload:"):
        given = st.file_uploader("TOML or JSON", ["toml", "json"], key=f"bring profiles {planning.edition}")
        if given is not None:
            _bring(planning, given.name, given.getvalue())
    st.button("As shipped", key="profiles reset", type="tertiary", on_click=lambda: planning.take_profiles(shipped()))


def _bring(planning: Planning, name: str, raw: bytes) -> None:
    try:
        found = planning.profiles.with_all(*read_profiles(raw.decode(errors="replace"), name))
    except SegmentError as problem:
        st.error(str(problem))
        return
    planning.take_profiles(found)
    st.rerun()


def _measured(planning: Planning) -> None:
    """This machine's own times, or those of a file, in place of the roofline."""
    with st.container(horizontal=True, vertical_alignment="center"):
        job = planning.measuring
        if job is not None and not job.is_done:
            st.fragment(partial(_watch, planning), run_every=SECONDS)()
            return
        try:
            if planning.take_measured():
                st.rerun()  # the panel offers it as well
        except SegmentError as problem:
            st.error(str(problem))
        has_numbers = planning.cutting.run.values[planning.cutting.graph.outputs[0]] is not None
        st.button(
            "Measure this machine",
            key="measure",
            icon=":material/timer:",
            disabled=not has_numbers,
            help="Times every operation of the model here."
            if has_numbers
            else "It needs numbers: there are no weights.",
            on_click=planning.measure,
        )
        with st.popover("Bring measured times", icon=":material/upload:"):
            st.html(
                tag(
                    "div",
                    f"JSON or CSV with {', '.join(COLUMNS)}; one row an operation and device.",
                    class_="x-caption",
                )
            )
            given = st.file_uploader("Measured times", ["json", "csv"], key=f"bring measured {planning.edition}")
            if given is not None:
                _bring_measured(planning, given.getvalue())
        _kept(planning)


def _kept(planning: Planning) -> None:
    found = planning.known
    if found is None:
        st.html(tag("div", "Times come from the roofline: arithmetic at the peak rate, or bytes.", class_="x-caption"))
        return
    st.html(tag("div", f"Measured: {', '.join(found.by_device)}.", class_="x-caption"))
    st.download_button(
        "Times as CSV", data=write_profile(found), file_name="measured.csv", key="measured csv", on_click="ignore"
    )
    st.button("Forget", key="forget measured", type="tertiary", on_click=planning.forget_measured)


def _bring_measured(planning: Planning, raw: bytes) -> None:
    edition = planning.edition
    try:
        planning.import_measured(raw.decode(errors="replace"))
    except SegmentError as problem:
        st.error(str(problem))
        return
    planning.edition = edition + 1
    st.rerun()


def _watch(planning: Planning) -> None:
    job = planning.measuring
    if job is None or job.is_done:
        st.rerun()
    st.progress(job.share, f"{job.words} …")
    if st.button("Stop", key="stop measuring", type="tertiary"):
        job.stop()
