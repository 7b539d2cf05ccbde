"""What was measured: a library of named measurements, and the limits on absolute masses."""
