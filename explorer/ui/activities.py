"""What the user is at: stepping, training, optimising, cutting. Each has its panel, its dock and what it adds.

An activity is a row of the table here; the page draws whichever is chosen, and knows none of them by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from explorer.ui import derivation, downloads, inspector, modes, nodes, steps
from explorer.ui.optimise import memory, timeline, twofold
from explorer.ui.optimise import panel as optimise_panel
from explorer.ui.optimise import share as optimise_share
from explorer.ui.segment import panel as segment_panel
from explorer.ui.segment import profiles as segment_profiles
from explorer.ui.segment import share as segment_share
from explorer.ui.segment import sidebar as segment_sidebar
from explorer.ui.segment import timeline as segment_timeline
from explorer.ui.session import Activity, Session, Share
from explorer.ui.train import data
from explorer.ui.train import dock as train_dock
from explorer.ui.train import panel as train_panel
from explorer.ui.train.share import Training

Draw = Callable[[Session], None]


@dataclass(frozen=True, slots=True)
class Room:
    """``panel`` stands at the right of the canvas, ``dock`` below it, by the names of its tabs; ``sidebar`` below the
    source. ``share`` makes what the activity keeps for a session when it is entered first.
    """

    label: str
    panel: Draw
    dock: Mapping[str, Draw]
    sidebar: Draw | None = None
    share: Callable[[Session], Share] | None = None


ROOMS: Mapping[Activity, Room] = {
    "step": Room(
        "Step",
        inspector.draw,
        {
            "Steps": steps.draw,
            "Nodes": nodes.draw,
            "Derivation": derivation.draw,
            "Modes": modes.draw,
            "Export": downloads.draw,
        },
    ),
    "train": Room(
        "Train",
        train_panel.draw,
        {
            "Curves": train_dock.draw_curves,
            "Surface": train_dock.draw_surface,
            "Boundary": train_dock.draw_boundary,
            "Gradients": train_dock.draw_gradients,
            "History": train_dock.draw_history,
        },
        data.draw,
        Training,
    ),
    "optimise": Room(
        "Optimise",
        optimise_panel.draw,
        {
            "Workers": timeline.draw,
            "Memory": memory.draw,
            "Dynamic and static": twofold.draw,
            "Nodes": nodes.draw,
            "Export": downloads.draw,
        },
        share=optimise_share.share,
    ),
    "segment": Room(
        "Segment",
        segment_panel.draw,
        {
            "Pipeline": segment_timeline.pipeline,
            "Request": segment_timeline.request,
            "Devices": segment_profiles.draw,
            "Nodes": nodes.draw,
            "Export": downloads.draw,
        },
        sidebar=segment_sidebar.draw,
        share=segment_share.share,
    ),
}


def room(session: Session) -> Room:
    """The room of what the user is at."""
    return ROOMS[session.activity]


def enter(session: Session, activity: Activity) -> None:
    """Go over to another activity; what it kept from before is still there."""
    session.enter(activity, ROOMS[activity].share)
