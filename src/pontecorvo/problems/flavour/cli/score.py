"""``pontecorvo score``: chi2 of a point against measurements, by observable."""

import click

from ....core.registry import in_group


@in_group("compare")
@click.command()
@click.argument("point")
@click.option("--measurement", default="nufit-6.1", help="Name, combination or file.")
@click.option("--ordering", type=click.Choice(["no", "io"]), help="By default what POINT says.")
@click.option("--variant", help="Of a named measurement, such as without-sk.")
@click.option("--likelihood", default="gaussian", help="gaussian, two-piece, box or table.")
@click.option("--names", help="Quantities, comma-separated; by default all but delta_cp.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def score(
    point: str,
    measurement: str,
    ordering: str | None,
    variant: str | None,
    likelihood: str,
    names: str | None,
    as_json: bool,
) -> None:
    """Chi2 of POINT, with the pulls, by observable.

    POINT is an SLHA file, a ULYSSES card, or YAML, JSON or CSV with observables by name.
    """
    import json

    from ....base.files import plain
    from ..files.points import read_points
    from ..score import as_plain, score_point, score_table, scorer

    points = read_points(point, ordering)  # type: ignore[arg-type]
    chosen = [name.strip() for name in names.split(",")] if names is not None else None
    results = []
    scorers: dict[str, object] = {}
    for one in points:
        key = one.ordering or "no"
        if key not in scorers:
            scorers[key] = scorer(measurement, key, variant, chosen, likelihood)
        results.append(score_point(one, scorers[key]))  # type: ignore[arg-type]
    if as_json:
        content = [
            {**as_plain(result), "ordering": one.ordering, "notes": one.notes}
            for one, result in zip(points, results, strict=True)
        ]
        click.echo(json.dumps(plain(content), indent=2))
        return
    for number, (one, result) in enumerate(zip(points, results, strict=True), 1):
        if len(points) > 1:
            click.echo(f"point {number}, ordering {one.ordering}")
        for line in score_table(result):
            click.echo(line)
        for note in one.notes:
            click.echo(f"note: {note}")
