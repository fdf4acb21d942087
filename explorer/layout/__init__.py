"""Places of nodes and routes of edges. Never draws."""

from explorer.layout.arrange import CARDS, MODELS, arrange, arrange_nested
from explorer.layout.placement import Box, Direction, Frame, Placement, Port

__all__ = ["CARDS", "MODELS", "Box", "Direction", "Frame", "Placement", "Port", "arrange", "arrange_nested"]
