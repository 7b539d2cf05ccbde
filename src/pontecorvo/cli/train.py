"""``pontecorvo train``: train the network of a study."""

from pathlib import Path
from typing import Any

import click

from ..base.closing import next_step, quoted
from ..base.workers_option import workers_option
from .study_command import StudyCommand, absolute


@click.command(name="train", cls=StudyCommand)
@click.argument("study")
@click.option("--out", required=True, help="The network: a card (JSON), or a folder of several.")
@click.option("--work", help="Folder for simulations and checkpoints (default: OUT.work).")
@click.option("--examples", type=int, help="Exact draws to learn from.")
@click.option("--steps", type=int, help="Optimiser steps.")
@click.option("--seed", type=int, help="Seed of simulations, weights and training.")
@click.option("--overwrite", is_flag=True, help="Replace a network at --out.")
@workers_option
def train(
    study: str,
    out: str,
    work: str | None,
    examples: int | None,
    steps: int | None,
    seed: int | None,
    overwrite: bool,
    extras: dict[str, Any],
) -> None:
    """Train the network of STUDY: a registered study, a YAML file, or a model's Python file.

    An amortised network is a card, --out, with its weights beside it; a YAML file may set ranges,
    examples, size and effort under `training`. A problem with several networks fills the folder
    --out. Killed at any moment, the same command takes up where it was, and ends in the same bytes.
    """
    from ..base.folders import user_path
    from ..core.problem import TrainRequest
    from ..study.train import train_study

    request = TrainRequest(
        out=user_path(out),
        command=f"pontecorvo train {study} --out NETWORK",
        work=Path(str(absolute(work))) if work else None,
        overwrite=overwrite,
        seed=seed,
        extras=extras,
        say=click.echo,
    )
    click.echo(train_study(study, request, {"examples": examples, "steps": steps}))
    next_step(
        f"pontecorvo check {quoted(study)} --network {quoted(out)} --out certificate",
        f"pontecorvo run {quoted(study)} --network {quoted(out)} --out runs/network",
    )
