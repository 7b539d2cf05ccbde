"""``pontecorvo train``: train the network of a study."""

from pathlib import Path

import click

from ..base.errors import InputError


@click.command()
@click.argument("study")
@click.option("--out", required=True, help="The network: a card (JSON), or a folder for sterile.")
@click.option("--work", help="Folder for simulations and checkpoints (default: OUT.work).")
@click.option("--examples", type=int, help="Exact draws to learn from.")
@click.option("--steps", type=int, help="Optimiser steps.")
@click.option("--seed", type=int, help="Seed of simulations, weights and training.")
@click.option("--belts", is_flag=True, help="Sterile: ratios and belts for the flows in --out.")
@click.option("--overwrite", is_flag=True, help="Replace a network at --out.")
def train(
    study: str,
    out: str,
    work: str | None,
    examples: int | None,
    steps: int | None,
    seed: int | None,
    belts: bool,
    overwrite: bool,
) -> None:
    """Train the network of STUDY (seesaw-no, seesaw-io, sterile, or a YAML file of a seesaw).

    A seesaw's network is a card, --out, with its weights beside it; a YAML file may set ranges,
    examples, size and effort under `training`. The sterile networks fill the folder --out. Killed
    at any moment, the same command takes up where it was, and ends in the same bytes.
    """
    if not str(out).strip():
        raise InputError("--out: is empty; give the path of the network")
    if study == "sterile":
        if work or examples is not None or steps is not None:
            raise InputError("--work, --examples and --steps: are for a seesaw's network only")
        _train_sterile(Path(out), seed, belts, overwrite)
        return
    if belts:
        raise InputError("--belts: is for the sterile networks only")
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


def _train_sterile(out: Path, seed: int | None, belts: bool, overwrite: bool) -> None:
    begun = (out / ".stages").is_dir()  # by a call that was killed: taken up again
    seed = 1 if seed is None else seed
    there = [out / "belts.json"] if belts else list(out.glob("*.json"))
    if any(path.exists() for path in there) and not begun and not overwrite:
        what = "belts" if belts else "networks"
        raise InputError(f"--out {out}: {what} are there already; give --overwrite or another")
    from ..problems.sterile.neural.training import train_sterile, train_sterile_belts

    if belts:
        train_sterile_belts(out, seed=seed, say=click.echo)
    else:
        train_sterile(out, seed=seed, say=click.echo)
    click.echo(f"networks in {out}")
