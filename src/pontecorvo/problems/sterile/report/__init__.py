"""The sterile part of a report."""
