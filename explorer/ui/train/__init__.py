"""Training: gradient steps on what the canvas shows, live, with every moment kept."""
