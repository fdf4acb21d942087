"""A graph divided among devices: cuts, what crosses them, what they cost, where they are best, and the proof."""
