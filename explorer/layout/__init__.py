"""Places of nodes and routes of edges. Never draws."""

from explorer.layout.arrange import arrange
from explorer.layout.placement import Box, Direction, Placement

__all__ = ["Box", "Direction", "Placement", "arrange"]
