"""Segment: the graph divided by hand; what each part holds, what crosses, what it costs."""
