"""Formulas: arrays in, arrays out. No files, no learning."""
