"""``pontecorvo measurements``: the library of named measurements."""

import click

from ....core.registry import in_group


@in_group("look up")
@click.command()
@click.argument("name", required=False)
@click.option("--ordering", type=click.Choice(["no", "io"]), default="no", help="For --json.")
@click.option("--markdown", is_flag=True, help="Print the table of the documentation.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def measurements(name: str | None, ordering: str, markdown: bool, as_json: bool) -> None:
    """List the named measurements, or tell one whole.

    NAME is such as nufit-6.1:without-sk.
    """
    import json

    from ....base.errors import InputError
    from ..measurements.library import find
    from ..measurements.listing import COLUMNS, as_markdown, as_plain, details, rows

    if sum((name is not None, markdown, as_json)) > 1:
        raise InputError("measurements: give one of NAME, --markdown and --json")
    if markdown:
        click.echo(as_markdown(), nl=False)
    elif as_json:
        click.echo(json.dumps(as_plain(ordering), indent=2))  # type: ignore[arg-type]
    elif name is not None:
        part, _, variant = name.partition(":")
        for line in details(find(part, variant or None)):
            click.echo(line)
    else:
        table = rows()
        widths = {c: max(len(c), *(len(row[c]) for row in table)) for c in COLUMNS}
        for row in [dict(zip(COLUMNS, COLUMNS, strict=True)), *table]:
            click.echo("  ".join(row[c].ljust(widths[c]) for c in COLUMNS).rstrip())
