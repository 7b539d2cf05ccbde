"""A study reads top to bottom like a method section: simulate, draw, check, predict, report."""
