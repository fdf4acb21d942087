"""The app, in which it takes half a minute to lay out more than ten cards, or any from top to bottom."""

from __future__ import annotations

from time import sleep
from typing import Any

from explorer.export.placing import place
from explorer.progress import tell
from explorer.ui import page, view

LAPS = 600


def slowly(graph: Any, seen: Any, direction: str, *more: Any) -> Any:
    for lap in range(LAPS if len(graph) > 10 or direction == "tb" else 0):
        tell(lap / LAPS, "Laying it out")
        sleep(0.05)
    return place(graph, seen, direction, *more)


view.place = slowly
page.show()
