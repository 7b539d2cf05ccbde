"""Regions and significances on a plane of hypotheses, by trials."""
