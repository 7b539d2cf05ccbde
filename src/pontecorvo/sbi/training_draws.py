"""Training data for a network: many draws of a broad posterior, by chains that start exact.

The network is to learn p(free coordinates | observables). Its examples are draws of the posterior
of a *box* in the observables, as wide as the network's range: inside it the prior is untouched, so
the conditional density is the one of every measurement within the range.

The chains start at resampled exact proposals (`exact.starting_points`), forget each other for a
while, and then give one example every few steps. Examples of one chain are related; that costs
some of their number, never correctness.
"""

from pathlib import Path

import numpy as np

from ..base.progress import progress
from ..base.seeds import stream
from ..base.shards import kept_shards
from ..core.chart import Chart
from ..core.target import LikelihoodTarget
from ..samplers.exact import starting_points
from ..samplers.mcmc import Walk, evaluate

_BLOCK = 1024


def posterior_examples(
    target: LikelihoodTarget,
    chart: Chart,
    examples: int,
    seed: int = 0,
    folder: Path | None = None,
    chains: int = 16_384,
    thin: int = 16,
    burn: int = 200,
    proposals: int = 1 << 22,
) -> np.ndarray:
    """Draw points of a chart's cube that follow the posterior.

    Args:
        target: Model and (broad) measurement.
        chart: Coordinates.
        examples: Number wanted; a multiple of `chains`, else rounded up to one.
        seed: Seed of everything.
        folder: Where finished blocks are kept, so that a killed run resumes; None keeps nothing.
        chains: Number of chains.
        thin: Steps between two examples of a chain.
        burn: Steps before the first.
        proposals: Points of the cube that are weighed for the start.

    Returns:
        Points (N, D), one snapshot of all chains after the other.
    """
    start = starting_points(target, chart, chains, seed, folder, proposals)
    walk = Walk(target, chart, start.pool, symmetry_period=0)
    snapshots = -(-examples // chains)

    def run(first: int) -> dict[str, np.ndarray]:
        rng = stream(seed, "examples", first)
        state = evaluate(target, chart, start.u[first : first + _BLOCK].copy())
        state, _ = walk.run(state, burn, rng)
        kept = []
        for _ in range(snapshots):
            state, _ = walk.run(state, thin, rng)
            kept.append(state.u.copy())
        return {"u": np.stack(kept)}

    blocks, firsts = [], range(0, chains, _BLOCK)
    name = f"examples-{snapshots}-{chains}-{thin}-{burn}-{{:06d}}.npz"
    asked = {"chart": chart.name, "proposals": proposals, "seed": seed}
    with progress("draw training examples", len(firsts)) as advance:
        for block in kept_shards(run, firsts, folder, name, asked, [*firsts[1:], chains]):
            blocks.append(block["u"])
            advance()
    return np.concatenate(blocks, axis=1).reshape(-1, chart.dim)
