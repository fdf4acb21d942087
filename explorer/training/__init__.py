"""Gradient stepping: what is minimised, by which rule, and everything that happened on the way."""
