"""One experiment a file, each with its tables."""
