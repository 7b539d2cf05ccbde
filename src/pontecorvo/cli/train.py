"""``pontecorvo train``: train the network of a study."""

from pathlib import Path

import click

from ..base.errors import InputError


@click.command()
@click.argument("study")
@click.option("--out", required=True, help="Card of the network (JSON); its weights lie beside it.")
@click.option("--work", help="Folder for simulations and checkpoints (default: OUT.work).")
@click.option("--examples", type=int, help="Exact draws to learn from.")
@click.option("--steps", type=int, help="Optimiser steps.")
@click.option("--seed", type=int, help="Seed of simulations, weights and training.")
@click.option("--overwrite", is_flag=True, help="Replace a network at --out.")
def train(
    study: str,
    out: str,
    work: str | None,
    examples: int | None,
    steps: int | None,
    seed: int | None,
    overwrite: bool,
) -> None:
    """Train the network of STUDY (seesaw-no, seesaw-io, or a YAML file) and write it to --out.

    A YAML file may set ranges, examples, size and effort under `training`. Killed at any moment,
    the same command takes up where it was, and ends in the same bytes.
    """
    if not str(out).strip():
        raise InputError("--out: is empty; give the path of the network's card")
    card = Path(out) if out.endswith(".json") else Path(out + ".json")
    if card.exists() and not overwrite:
        raise InputError(f"--out {card}: a network is there already; give --overwrite or another")
    from ..base.files import writable_folder
    from ..study.catalog import load_settings
    from ..study.networks import train_network

    changes = {"examples": examples, "steps": steps, "seed": seed}
    settings = load_settings(study, training=changes)
    folder = writable_folder(Path(work) if work else card.with_suffix(".work"))
    writable_folder(card.parent)
    command = f"pontecorvo train {study} --out NETWORK"
    flow = train_network(settings, card, folder, command)
    here, others = (
        flow.card["calibration"]["at_the_measurement"],
        flow.card["calibration"]["what_ifs"],
    )
    click.echo(
        f"{card}: {flow.parameter_count} weights, raw acceptance {here['acceptance']:.3f}, "
        f"ESS/N {here['efficiency']:.3f} (what-ifs: median {others['efficiency_median']:.3f}, "
        f"lowest {others['efficiency_lowest']:.3f})"
    )
