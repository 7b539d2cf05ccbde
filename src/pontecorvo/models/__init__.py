"""What can be inferred: parameters, prior, forward map. A new model is one file."""
