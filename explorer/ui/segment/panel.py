"""The panel at the right: the segments, what each holds, and what crosses between them."""

from __future__ import annotations

from functools import partial

import streamlit as st

from explorer.segment.cut import letter
from explorer.segment.wording import size, time
from explorer.ui.html import tag
from explorer.ui.segment import cards, share
from explorer.ui.segment.planning import Planning
from explorer.ui.segment.share import Cutting
from explorer.ui.session import Session
from explorer.ui.widgets import showing

SECONDS = 0.25
"""So often the page asks how far a proof is."""


def draw(session: Session) -> None:
    """What was refused, the plan, the proof, then a card a segment with a line for each link between them."""
    cutting = share.of(session)
    planning = cutting.planning
    planning.keep_proving()
    st.html(cards.head(cutting))
    if cutting.said.refused:
        st.error(cutting.said.text)
    _plan(planning)
    _proof(planning)
    for segment in range(cutting.segmentation.parts):
        st.html(cards.part(cutting, segment))
        _device(planning, segment)
        if segment < cutting.segmentation.parts - 1:
            _link(cutting, segment)
    _shared(cutting)
    _sums(planning)
    _export(planning)


def _plan(planning: Planning) -> None:
    """What was planned, why it is so, and how far the present cuts are from it."""
    found, beside = planning.planned, planning.beside_the_plan()
    if found is None:
        return
    label = found.plan.label[0].upper() + found.plan.label[1:]
    held = "As planned" if planning.is_as_planned else "The plan"
    said = tag("b", f"{held}: {label}") if not beside or planning.is_as_planned else tag("b", beside)
    reasons = [tag("p", line) for line in found.plan.cuts]
    more = tag("details", tag("summary", "Why there"), *reasons, class_="x-part-more") if reasons else ""
    st.html(tag("div", said, found.plan.why if planning.is_as_planned else "", more, class_="x-plan"))


def _proof(planning: Planning) -> None:
    """Of what is under way how far it is, asked again and again; of what is done what came of it."""
    job = planning.proof
    if planning.cutting.segmentation.parts < 2:
        words = "Drag a cut across the graph, or let one be placed: at the left, Place cuts for me."
        st.html(tag("div", words, class_="x-caption"))
    elif planning.unproved:
        st.html(tag("div", planning.unproved, class_="x-caption"))
    elif job is not None and not job.is_done:
        st.fragment(partial(_watch, planning), run_every=SECONDS)()
    elif job is not None:
        st.html(cards.proof(planning))
        if job.is_stopped:
            st.button("Check again", key="prove again", on_click=planning.prove_again, type="tertiary")


def _watch(planning: Planning) -> None:
    job = planning.proof
    if job is None or job.is_done:
        st.rerun()
    st.progress(job.share, f"Parity: {job.words} …")
    if st.button("Stop", key="stop proof", type="tertiary"):
        job.stop()


def _device(planning: Planning, segment: int) -> None:
    names = list(planning.profiles.devices)
    st.selectbox(
        f"Device of {letter(segment)}",
        **showing(
            f"device {segment}",
            planning.devices()[segment].name,
            lambda new: planning.put_device(segment, new),
            among=names,
        ),
        label_visibility="collapsed",
    )


def _link(cutting: Cutting, cut: int) -> None:
    """What crosses a cut, the link that it crosses, and its bytes in every form."""
    planning = cutting.planning
    st.html(cards.link(cutting, cut))
    with st.container(horizontal=True, gap="small", key=f"link row {cut}"):
        st.selectbox(
            f"Link from {letter(cut)} to {letter(cut + 1)}",
            **showing(
                f"link {cut}",
                planning.links()[cut].name,
                lambda new: planning.put_link(cut, new),
                among=list(planning.profiles.links),
            ),
            label_visibility="collapsed",
            width="stretch",
        )
        with st.popover("Bytes", width="content"):
            st.html(cards.formats(planning, cut))


def _shared(cutting: Cutting) -> None:
    """What several segments read, how they come by it, and the choice where there is one."""
    for one in cutting.preview.crossings:
        if len(one.ways) == 1:
            continue
        name = cutting.graph.symbol(one.node)
        readers = ", ".join(map(letter, (one.source, *one.targets)))
        st.html(tag("div", tag("b", name), f" is read in {readers}: {one.why}. {size(one.bytes)}.", class_="x-shared"))
        st.segmented_control(
            f"How {name} crosses",
            one.ways,
            **showing(f"way {one.node}", one.way, partial(_choose, cutting, one.node), by="default"),
            format_func=str.capitalize,
            required=True,
            label_visibility="collapsed",
        )
    job = cutting.planning.proof
    for size_ in job.found.integers if job is not None and job.found is not None else ():
        st.html(cards.integer(size_))
    if cutting.preview.copied:
        words = f"Copies of weights: their gradients, {size(cutting.preview.copied)}, are added after every step."
        st.html(tag("div", words, class_="x-caption"))


def _choose(cutting: Cutting, node: int, way: str) -> None:
    with cutting.guarded():
        cutting.choose(node, way)


def _sums(planning: Planning) -> None:
    times = planning.times()
    through, every = time(times.latency), time(times.bottleneck)
    words = f"One batch as traced takes {through} through all segments, and there is a result every {every}."
    notes = [words, planning.cutting.costs.note]
    st.html(tag("div", " ".join(note for note in notes if note), class_="x-caption"))


def _export(planning: Planning) -> None:
    """The parts to take away, as soon as there are some that run."""
    parts = planning.cutting.segmentation.parts
    if parts > 1 and not planning.unproved:
        st.download_button(
            f"Export {parts} parts, .pt2",
            data=planning.exported,
            file_name="segments.zip",
            mime="application/zip",
            icon=":material/upload:",
            width="stretch",
            type="primary",
            key="export parts",
            on_click="ignore",
            help="A zip with each segment in torch.export's format, a manifest, a sample, and a script that runs them.",
        )
