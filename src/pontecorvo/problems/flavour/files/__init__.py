"""Readers and writers of the files that flavour physicists have."""
