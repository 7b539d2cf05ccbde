"""Predictions from draws of Yukawas and heavy masses: lepton-flavour violation, leptogenesis."""
