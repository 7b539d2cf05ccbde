"""``pontecorvo schema``: what a study file may say."""

import json

import click


@click.command()
@click.argument("study")
def schema(study: str) -> None:
    """Print the JSON schema of the settings of STUDY (its name, or a model's Python file)."""
    from ..study.schema import schema_of

    click.echo(json.dumps(schema_of(study), indent=2))
