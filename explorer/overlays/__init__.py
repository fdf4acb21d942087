"""What the nodes of a graph can be coloured by: one number or word a node, and the colours that stand for it.

run = explorer.trace("y = sin(a) * b", a=1.0, b=2.0)
explorer.export.to_svg(run, overlay="flops")
"""

from explorer.overlays.given import read_overlay
from explorer.overlays.kinds import KINDS, TITLES, Asked, Kind, overlay
from explorer.overlays.overlay import Overlay
from explorer.overlays.painted import Entry, Painted, paint

__all__ = ["KINDS", "TITLES", "Asked", "Entry", "Kind", "Overlay", "Painted", "overlay", "paint", "read_overlay"]
