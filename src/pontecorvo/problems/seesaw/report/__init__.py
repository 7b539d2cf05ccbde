"""The seesaw's pictures and page."""
