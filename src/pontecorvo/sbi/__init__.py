"""Simulation-based inference: amortised posteriors, training sets, truncated rounds."""
