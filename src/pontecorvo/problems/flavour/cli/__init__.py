"""Commands of the flavour models."""
