"""More draws of a network of the founding paper's recipe, until enough of them are accepted.

    python benchmarks/founding_more.py NETWORK.json --scale 2 --steps 25 --until 40 --out FILE.npz

Draws are made in blocks whose seeds are 0, 1, 2, ...; after every block the number of draws and all
that lie in the eleven 3 sigma ranges are kept in FILE, from which the same command goes on. It ends
with the block in which the wanted number is reached, so the acceptance is printed with the error of
a count that decided the end (relative 1 / sqrt(accepted)).
"""

import argparse
import time
from pathlib import Path

import numpy as np

from pontecorvo.base.files import load_arrays, save_arrays
from pontecorvo.flows.conditional_flow import ConditionalFlow
from pontecorvo.problems.founding_paper.labels import from_box
from pontecorvo.problems.founding_paper.settings import FoundingSettings

BLOCK = 4096


def main() -> None:
    """Draw, keep, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("network", type=Path)
    parser.add_argument("--ordering", choices=("no", "io"), default="no")
    parser.add_argument("--scale", type=float, default=2.0)
    parser.add_argument("--steps", type=int, default=25)
    parser.add_argument("--until", type=int, default=40, help="accepted draws")
    parser.add_argument("--cpu", type=float, default=1e9, help="stop after these CPU seconds")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    settings = FoundingSettings(ordering=arguments.ordering)
    target = settings.target()
    labels, prior = settings.labels(target.model), target.model.prior
    flow = ConditionalFlow.load(arguments.network)
    kept = {"theta": np.empty((0, 23)), "draws": np.zeros(1), "seconds": np.zeros(1)}
    if arguments.out.exists():
        kept = load_arrays(arguments.out)
    theta, draws, seconds = kept["theta"], int(kept["draws"][0]), float(kept["seconds"][0])
    while len(theta) < arguments.until and time.process_time() < arguments.cpu:
        start = time.process_time()
        u = flow.sample(
            labels.condition(labels.wanted[None])[0],
            BLOCK,
            draws // BLOCK,
            sampler="ddim",
            steps=arguments.steps,
            clip="box",
            guidance=arguments.scale,
        ).u
        found = from_box(prior, u)
        theta = np.concatenate([theta, found[labels.accepted(labels.values(found))]])
        draws += BLOCK
        seconds += time.process_time() - start
        about = {"draws": np.array([draws]), "seconds": np.array([seconds])}
        save_arrays(arguments.out, theta=theta, **about)
    inside = int(np.isfinite(target.log_prior(theta)).sum())
    print(
        f"scale {arguments.scale:g}, {arguments.steps} steps: {len(theta)} of {draws:,} in all 11 "
        f"labels ({len(theta) / draws:.2e} +- {np.sqrt(len(theta)) / draws:.1e}), {inside} of them "
        f"inside the prior; {seconds:.0f} CPU s"
    )


if __name__ == "__main__":
    main()
