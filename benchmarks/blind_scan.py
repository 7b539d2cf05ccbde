"""Blind scans of the seesaw: their acceptance, and a posterior that owes nothing to any chart.

1. Blind scan: draws from the prior; the fraction with all labels inside the 3 sigma ranges.
2. With one common rescaling: since m(sM) = m(M)/s exactly, each draw is moved along its own scale
   to where the mass splittings fit best, then judged.
3. Integrated over that scale instead, each draw gives an exact posterior weight: on its line of
   scales the prior is uniform in log s, so its weight is the mean of the likelihood over the
   allowed part of the line. Weights give the evidence, and draws, by brute force. They are compared
   with the exact Casas-Ibarra sampler in the same run.

    python benchmarks/blind_scan.py --ordering no --draws 200000000
"""

import argparse
import time
from pathlib import Path

import numpy as np

from pontecorvo.base.files import write_json
from pontecorvo.base.parallel import map_threads
from pontecorvo.base.progress import progress
from pontecorvo.base.seeds import stream
from pontecorvo.core.draws import systematic_resample, weights_from_logs
from pontecorvo.core.target import Target
from pontecorvo.problems.flavour.nufit import founding_paper_box, nufit
from pontecorvo.problems.seesaw.model import Seesaw
from pontecorvo.samplers.exact import sample_exact

BLOCK = 1 << 17
NODES = 24
RESULTS = Path(__file__).parent / "results"


def scan_block(model, measurement, box, seed, block):
    """Counts, and the weighted candidates of one block of prior draws."""
    rng = stream(seed, "blind", block)
    theta = model.prior.sample(BLOCK, rng)
    observables = model.forward(theta)
    blind = int(measurement.within_three_sigma(observables).sum())
    # only draws whose angles are anywhere near can have weight
    pulls = np.abs(measurement.residuals(observables.copy())[:, 2:] / measurement.sigma[2:])
    near = np.flatnonzero(pulls.max(axis=1) < 6)
    theta, observables = theta[near], observables[near]
    central, sigma = measurement.central[:2], measurement.sigma[:2]
    # splittings scale with k = s^-2: the best k of the two Gaussian pulls, and its width
    slope = observables[:, :2] / sigma
    curvature = np.sum(slope**2, axis=1)
    best = np.sum(slope * central / sigma, axis=1) / curvature
    width = 1 / np.sqrt(curvature)
    counts = {"blind": blind}
    good = best > 0
    theta, observables, best, width = theta[good], observables[good], best[good], width[good]
    shift = -0.5 * np.log10(best)
    scaled = theta.copy()
    scaled[:, 18:21] += shift[:, None]
    moved = observables.copy()
    moved[:, :2] *= best[:, None]
    five = measurement.within_three_sigma(moved)
    labels = box.within_three_sigma(Seesaw(model.ordering, observables=box.names).forward(scaled))
    inside = np.isfinite(model.prior.log_density(scaled))
    counts["rescaled_five"] = int(five.sum())
    counts["rescaled_eleven"] = int(labels.sum())
    counts["rescaled_eleven_in_prior"] = int((labels & inside).sum())
    # the mean of the likelihood over the line of scales inside the prior's mass range
    low, high = model.prior.marginals[18].support
    room = (low - theta[:, 18]), (high - theta[:, 20])
    nodes, node_weights = np.polynomial.legendre.leggauss(NODES)
    k = best[:, None] + 6 * width[:, None] * nodes
    valid = k > 0
    t = -0.5 * np.log10(np.where(valid, k, 1.0))
    valid &= (t >= room[0][:, None]) & (t <= room[1][:, None])
    lines = np.repeat(observables[:, None, :], NODES, axis=1)
    lines[:, :, :2] *= k[:, :, None]
    value = measurement.log_likelihood(lines.reshape(-1, 5)).reshape(-1, NODES)
    # dt = dk / (2 k ln 10), over a line of length room
    density = 6 * width[:, None] * node_weights / (2 * np.abs(k) * np.log(10))
    length = (room[1] - room[0])[:, None]
    weights = np.where(valid, np.exp(value) * density / length, 0.0)
    line = weights.sum(axis=1)
    chosen = line > 0
    pick = np.cumsum(weights[chosen], axis=1) / line[chosen, None] > rng.random((chosen.sum(), 1))
    node = pick.argmax(axis=1)
    result = theta[chosen].copy()
    result[:, 18:21] += t[chosen, node][:, None]
    return counts, result, line[chosen]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ordering", choices=("no", "io"), default="no")
    parser.add_argument("--draws", type=int, default=100_000_000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    model = Seesaw(arguments.ordering)
    measurement = nufit(arguments.ordering)
    box = founding_paper_box(arguments.ordering)
    blocks = -(-arguments.draws // BLOCK)
    totals: dict[str, int] = {}
    thetas, weights = [], []
    start = time.perf_counter()
    with progress("blind scan", blocks) as advance:
        work = lambda block: scan_block(model, measurement, box, arguments.seed, block)  # noqa: E731
        for counts, theta, weight in map_threads(work, range(blocks)):
            for name, count in counts.items():
                totals[name] = totals.get(name, 0) + count
            thetas.append(theta)
            weights.append(weight)
            advance()
    seconds = time.perf_counter() - start
    theta, weight = np.concatenate(thetas), np.concatenate(weights)
    n = blocks * BLOCK
    log_evidence = float(np.log(weight.sum() / n))
    ess = float(weight.sum() ** 2 / np.sum(weight**2))

    print(f"\n{n:.3g} draws from the prior, {model.ordering.upper()}, in {seconds:.0f} s")
    table = {name: count / n for name, count in totals.items()}
    for name, fraction in table.items():
        print(f"  {name:28s} {fraction:9.3g} +- {np.sqrt(max(totals[name], 1)) / n:.1g}")

    exact = sample_exact(Target(model, measurement), 10_000, arguments.seed)
    index = systematic_resample(weights_from_logs(np.log(weight)), 20_000, stream(1, "brute"))
    rows = compare(model, theta[index], exact.theta, ess)
    print(
        f"\nlog-evidence: brute force {log_evidence:.3f} +- {1 / np.sqrt(ess):.3f}, exact sampler "
        f"{exact.log_evidence:.3f} +- {exact.log_evidence_error:.3f}; brute-force ESS {ess:.0f}"
    )
    print(
        f"\n{'':12s} {'brute force: 5, 50, 95 %':>32s} {'exact sampler':>32s}  "
        "largest deviation/error"
    )
    for name, row in rows.items():
        left = "".join(f"{x:11.4g}" for x in row["brute"])
        right = "".join(f"{x:11.4g}" for x in row["exact"])
        print(f"{name:12s}{left} {right}  {row['deviation']:.2f}")
    write_json(
        RESULTS / f"blind_scan_{arguments.ordering}.json",
        {
            "draws": n,
            "seconds": seconds,
            "fractions": table,
            "counts": totals,
            "log_evidence": log_evidence,
            "log_evidence_error": 1 / np.sqrt(ess),
            "exact_log_evidence": exact.log_evidence,
            "exact_log_evidence_error": exact.log_evidence_error,
            "brute_force_ess": ess,
            "comparison": rows,
        },
    )


def compare(model, brute, exact, ess):
    """5, 50 and 95 % points of both, and the largest difference in standard errors."""
    names = ("sum_m", "m_ee", "m_beta", "delta_cp", "alpha21", "alpha31")
    one, other = model.predict(brute), model.predict(exact)
    pairs = {name: (one[name], other[name]) for name in names}
    for heavy in range(3):
        pairs[f"log10_M[{heavy + 1}]"] = brute[:, 18 + heavy], exact[:, 18 + heavy]
    levels = np.array([0.05, 0.5, 0.95])
    rows = {}
    for name, (x, y) in pairs.items():
        # difference of the distribution functions at the exact sampler's quantiles, in its errors
        points = np.quantile(y, levels)
        reached = np.array([(x <= point).mean() for point in points])
        error = np.sqrt(levels * (1 - levels) * (1 / ess + 1 / len(y)))
        rows[name] = {
            "brute": np.quantile(x, levels).tolist(),
            "exact": points.tolist(),
            "deviation": float(np.max(np.abs(reached - levels) / error)),
        }
    return rows


if __name__ == "__main__":
    main()
