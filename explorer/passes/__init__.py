"""From a graph or a run to numbers about it."""
