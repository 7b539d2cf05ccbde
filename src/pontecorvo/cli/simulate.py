"""``pontecorvo simulate``: draws of a study's prior with their observables, in shards."""

import click

from ..base.workers_option import workers_option


@click.command(name="simulate")
@click.argument("study")
@click.option("--draws", type=int, required=True, help="Number of simulations.")
@click.option("--out", required=True, help="Folder for shards and simulations.json.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of everything.")
@click.option("--precision", default="float32", show_default=True, help="float32 or float64.")
@click.option("--keep-parameters", is_flag=True, help="Store them too, not only their seed.")
@click.option("--shard", type=int, default=1 << 20, show_default=True, help="Draws of one file.")
@click.option("--overwrite", is_flag=True, help="Replace simulations of other settings in --out.")
@workers_option
def simulate(
    study: str,
    draws: int,
    out: str,
    seed: int,
    precision: str,
    keep_parameters: bool,
    shard: int,
    overwrite: bool,
) -> None:
    """Draw the prior of STUDY and compute its observables, in constant memory.

    Writes observables-NNNNNN.npy and simulations.json to --out, the same bytes whoever works.
    Killed at any moment, the same command takes up where it was.
    """
    from ..base.folders import user_path
    from ..sbi.simulated_shards import Plan
    from ..study.simulate import said
    from ..study.simulate import simulate as run_simulate

    plan = Plan(draws, seed, precision, keep_parameters, shard)  # type: ignore[arg-type]
    folder = user_path(out)
    click.echo(said(run_simulate(study, folder, plan, overwrite), folder))
