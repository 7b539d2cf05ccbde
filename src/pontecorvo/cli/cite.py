"""``pontecorvo cite``: what to cite for a run, as BibTeX."""

import click


@click.command()
@click.argument("subject")
@click.option("--text", is_flag=True, help="One line each for people, instead of BibTeX.")
def cite(subject: str, text: bool) -> None:
    """Print what to cite for SUBJECT: a run's folder, or a study.

    Data, model, method and software, as BibTeX. An entry that names a number alone was made from
    the source's own words; complete it at https://inspirehep.net.
    """
    from ..study.cite import ROLES, as_bibtex
    from ..study.cite import cite as citations

    found = citations(subject)
    if not text:
        click.echo(as_bibtex(found), nl=False)
        return
    for one in found:
        click.echo(f"{ROLES.get(one.role, one.role):<9} {one.short}")
