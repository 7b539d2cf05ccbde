"""The tables that ship with the sterile problem."""

from ...base.tables import Table, read_table, shipped

FOLDER = "pontecorvo.problems.sterile"


def shipped_table(name: str, **rules: tuple[str, ...]) -> Table:
    """Read a shipped table by its file name; `rules` as in `tables.read_table`."""
    return read_table(shipped(FOLDER, name), **rules)


def papers(table: Table) -> str:
    """What a table's head names as its source."""
    return table.source.split("Source: ")[1].split(" Licence:")[0]
