"""Where to cut: exact algorithms where they are affordable, and an honest bound where they are not."""
