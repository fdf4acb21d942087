"""Optimise: what can run side by side, what need not run at all, and how much memory it takes."""
