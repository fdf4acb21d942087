"""What we measure, and how anyone measures it again: ``make bench``."""
