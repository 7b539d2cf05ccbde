"""Three-flavour oscillation: JUNO as an experiment."""
