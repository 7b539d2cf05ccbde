r"""Draw until an effective size is reached: ``--ess N``.

With S1 = sum w and S2 = sum w^2 the effective size S1^2/S2 has, to first order, the relative error
sqrt(sum_i (2 w_i/S1 - w_i^2/S2)^2 - 1/N) (delta method, independent draws). What a few large
weights that have not been seen yet would do is not in it, which is why k-hat stands beside it.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ..base import weights as iw
from ..base.errors import InputError
from ..base.progress import progress
from ..base.seeds import stream
from ..core.draws import Draws

Block = Callable[[int, int], Draws]


def ess_with_error(log_weight: np.ndarray) -> tuple[float, float]:
    """Effective size of log weights (N,), and its standard error."""
    weight = iw.normalised(log_weight)
    ess = float(1 / np.sum(weight**2))
    influence = 2 * weight - weight**2 * ess
    variance = float(np.sum(influence**2) - 1 / len(weight))
    return ess, ess * float(np.sqrt(max(variance, 0.0)))


def draw_until(
    block: Block, ess: float, seed: int = 0, first: int = 1000, bound: int = 1_000_000
) -> Draws:
    """Draw blocks until the effective size is reached, or the bound.

    The size of the next block comes from the efficiency so far, less one standard error, and at
    most triples the number of draws: early efficiencies are overestimates, since the largest
    weights come late.

    Args:
        block: ``block(n, seed)``: at least n weighted draws with log-evidence, independent of
            those of other seeds.
        ess: Effective size wanted.
        seed: Seed of the blocks' seeds.
        first: Draws of the first block.
        bound: Most draws in all.

    Returns:
        All draws together. ``notes["adaptive"]`` says what was wanted, reached (with its standard
        error) and drawn, and the effective size after each block; ``converged`` is false where the
        bound came first.

    Raises:
        InputError: If what is asked for makes no sense.
    """
    if not (np.isfinite(ess) and ess >= 1):
        raise InputError(f"--ess {ess}: give an effective number of draws from 1")
    if bound < first or first < 2:
        raise InputError(
            f"adaptive draws: first block {first}, bound {bound}; give 2 <= first <= bound"
        )
    parts: list[Draws] = []
    history: list[dict[str, float]] = []
    size, total, reached, error = first, 0, 0.0, np.inf
    with progress("draw until the effective size is reached", ess) as advance:
        while True:
            own = int(stream(seed, "adaptive", len(parts)).integers(2**31))
            parts.append(block(size, own))
            total += size
            joined = join_draws(parts)
            before = reached
            reached, error = _effective(joined)
            history.append({"draws": total, "ess": reached, "ess_error": error})
            advance(max(reached - before, 0.0), note=f"{total} draws, ESS {reached:.0f}")
            if reached >= ess or total >= bound:
                break
            rate = max(reached - error, 0.2 * reached, 1.0) / total
            need = (ess - reached) / rate
            size = int(min(max(1.05 * need, 0.1 * first, 2), 2 * total, bound - total))
    notes = joined.notes | {
        "adaptive": {
            "wanted": ess,
            "reached": reached,
            "reached_error": error,
            "draws": total,
            "bound": bound,
            "blocks": history,
        }
    }
    done = bool(reached >= ess)
    return replace(joined, notes=notes, ess=reached, converged=joined.converged and done)


def _effective(draws: Draws) -> tuple[float, float]:
    """Effective size and its error, scaled by what the method itself knows of its draws."""
    ess, error = ess_with_error(draws.log_weight)
    share = min(draws.ess / ess, 1.0)
    return ess * share, error * share


def join_draws(parts: list[Draws]) -> Draws:
    """Independent weighted draws of one target as one, each part weighted by its evidence.

    A part of N_i proposals with evidence Z_i has weights that sum to N_i Z_i; where a method gives
    no evidence, each part's weights sum to its effective size.
    """
    if len(parts) == 1:
        return parts[0]
    sizes = np.array([float(p.notes.get("proposals", len(p.theta))) for p in parts])
    values = np.array([p.log_evidence for p in parts])
    known = bool(np.isfinite(values).all())
    shares = np.log(sizes) + values if known else np.log([p.ess for p in parts])
    log_weight = np.concatenate(
        [np.log(iw.normalised(p.log_weight)) + s for p, s in zip(parts, shares, strict=True)]
    )
    error = np.array([p.log_evidence_error for p in parts])
    log_z, log_z_error = float("nan"), float("nan")
    if known:
        top = values.max()
        part = sizes / sizes.sum() * np.exp(values - top)
        log_z = float(top + np.log(part.sum()))
        log_z_error = float(np.sqrt(np.sum((part / part.sum() * error) ** 2)))
    first = parts[0]
    shift = log_weight.max()
    densities = [p.log_q for p in parts]
    return Draws(
        theta=np.concatenate([p.theta for p in parts]),
        log_weight=log_weight - shift,
        log_prior=np.concatenate([p.log_prior for p in parts]),
        log_likelihood=np.concatenate([p.log_likelihood for p in parts]),
        log_evidence=log_z,
        log_evidence_error=log_z_error,
        raw_acceptance=float(np.average([p.raw_acceptance for p in parts], weights=sizes)),
        ess=_share(parts) * iw.kish_ess(log_weight),
        converged=all(p.converged for p in parts),
        method=first.method,
        log_q=np.concatenate([q for q in densities if q is not None])
        if all(q is not None for q in densities)
        else None,
        chain=_chains(parts),
        notes={
            **first.notes,
            "proposals": float(sizes.sum()),
            "k_hat": iw.pareto_k(log_weight),
            "blocks": [p.notes for p in parts],
        },
    )


def _share(parts: list[Draws]) -> float:
    """Effective size over that of the weights alone, on average."""
    own = sum(p.ess for p in parts)
    return float(min(own / sum(iw.kish_ess(p.log_weight) for p in parts), 1.0))


def _chains(parts: list[Draws]) -> np.ndarray | None:
    """Numbers of the chains, made distinct."""
    chains, start = [], 0
    for part in parts:
        if part.chain is None:
            return None
        chains.append(part.chain + start)
        start += int(part.chain.max()) + 1
    return np.concatenate(chains)
