"""`pontecorvo data`: what a folder of released data holds."""

from pathlib import Path

import click

from ....core.registry import in_group


@in_group("look up")
@click.group()
def data() -> None:
    """Released data that does not ship with the package."""


@data.command()
@click.argument("folder", type=click.Path(path_type=Path), required=False)
def check(folder: Path | None) -> None:
    """Say what FOLDER holds, what is missing, and where the collaborations publish it.

    Without FOLDER, PONTECORVO_DATA is used. Exit code 2 if something in it is bad.
    """
    from ....base.errors import InputError
    from ..data_folder import check_folder

    findings = check_folder(folder)
    width = max(len(finding.item.path) for finding in findings)
    for finding in findings:
        click.echo(f"{finding.state:<8} {finding.item.path:<{width}}  {finding.item.what}")
        click.echo(f"{'':<8} {'':<{width}}  {finding.message}")
    bad = [finding.item.path for finding in findings if finding.state == "bad"]
    if bad:
        raise InputError(f"{', '.join(bad)}: cannot be used; see the lines above")
