"""``pontecorvo studies``: what is registered."""

import click


@click.command()
def studies() -> None:
    """List the registered studies, one a line with what it infers."""
    from ..core.registry import find_problem, problem_names

    for name in problem_names():
        text = (find_problem(name).problem.__doc__ or "\n").strip().partition("\n")[0]
        click.echo(f"{name:20s} {text}")
