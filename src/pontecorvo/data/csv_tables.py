"""Read the package's own small tables: comment lines name the source, then a header, then rows."""

import csv
from importlib.resources import files


def read_table(name: str) -> tuple[list[dict[str, str]], str]:
    """Return the rows of ``tables/<name>.csv`` and the source that its comments state."""
    text = files(__package__).joinpath("tables", f"{name}.csv").read_text(encoding="utf-8")
    lines = text.splitlines()
    source = " ".join(line[1:].strip() for line in lines if line.startswith("#"))
    rows = csv.DictReader(line for line in lines if line and not line.startswith("#"))
    return list(rows), source
