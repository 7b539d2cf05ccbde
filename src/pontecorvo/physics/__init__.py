"""Formulas: arrays in, arrays out. Mixing, Takagi, seesaw. No files, no learning."""
