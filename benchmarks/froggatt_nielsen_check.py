"""ln Z of Froggatt-Nielsen assignments a second time, and by plain Monte Carlo.

    python benchmarks/froggatt_nielsen_check.py --ranking DIR [--again 24] [--plain 4]

`--ranking` is the folder of `pontecorvo compare froggatt-nielsen`. `--again N`: the best N, and
every tenth of the next, anew with two other seeds, so that errors can be held against scatter.
`--plain N`: the best N - 1 and anarchy by a method that shares nothing with `method: sectors` but
the formula: at each of many epsilon, evenly over its prior, both matrices are drawn from the prior,
weighted by the likelihood of their own masses, and all pairs of what is left are weighted by the
angles. No annealing, no shared ranges of epsilon, no turned phases.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

import numpy as np

from pontecorvo.base.files import write_json
from pontecorvo.base.seeds import stream
from pontecorvo.problems.flavour.lepton_data import lepton_measurement
from pontecorvo.problems.flavour.mass_matrix_model import FITTED
from pontecorvo.problems.froggatt_nielsen import FroggattNielsenSettings, family
from pontecorvo.report.comparison import comparison_figure
from pontecorvo.study.evidence import Candidate, evidence_of

RESULTS = Path(__file__).parent / "results" / "froggatt_nielsen_check.json"
FIGURE = Path(__file__).parent.parent / "docs" / "figures" / "froggatt-nielsen.png"
NEUTRAL = 40_000


def order_one(shape, rng):
    """Coefficients: moduli log-uniform in [1/3, 3], phases uniform."""
    size = np.exp(np.log(3.0) * (2 * rng.random(shape) - 1))
    return size * np.exp(2j * np.pi * rng.random(shape))


def kept(matrices, pulls, rng, most):
    """Left rotations (K, 3, 3) and weights (K,) of the draws that matter, and the mean weight."""
    weight = np.exp(-0.5 * pulls)
    mean = weight.mean()
    index = np.flatnonzero(weight > 1e-4)
    if len(index) > most:
        # stratified: fewer draws, equally weighted, the same mean
        steps = (rng.random() + np.arange(most)) / most * weight.sum()
        index = np.minimum(np.searchsorted(np.cumsum(weight), steps), len(weight) - 1)
        weight = np.full(most, mean * len(weight) / most)
    else:
        weight = weight[index]
    chosen = matrices[index]
    gram = np.swapaxes(chosen.conj(), 1, 2) @ chosen
    return np.linalg.eigh(gram)[1], weight


def near(m, data):
    """Whether tau's Yukawa and the determinant are within reach of the data: cheap."""
    (y, dy), (r, dr), (q, dq) = (data[n] for n in ("y_tau", "mmu_over_mtau", "me_over_mmu"))
    size = np.sqrt(
        np.einsum("nij,nij->n", m.real, m.real) + np.einsum("nij,nij->n", m.imag, m.imag)
    )
    det = m[:, 0, 0] * (m[:, 1, 1] * m[:, 2, 2] - m[:, 1, 2] * m[:, 2, 1])
    det -= m[:, 0, 1] * (m[:, 1, 0] * m[:, 2, 2] - m[:, 1, 2] * m[:, 2, 0])
    det += m[:, 0, 2] * (m[:, 1, 0] * m[:, 2, 1] - m[:, 1, 1] * m[:, 2, 0])
    relative = np.abs(det) / size**3 / (r * r * q)
    reach = 5 * (2 * dr / r + dq / q)
    inside = (size > y - 5 * dy) & (size < 1.02 * (y + 5 * dy))
    return inside & (relative > 1 / (1 + 3 * reach)) & (relative < (1 + reach) ** 1.5)


def plain(doublets, singlets, seed, batches=10, nodes=48, draws=400_000):
    """ln Z and its error over batches, normal ordering."""
    names = (*FITTED["ratio"], "y_tau")
    data = {q.name: (q.central, q.sigma) for q in lepton_measurement("no", names).quantities}
    norm = -sum(np.log(sigma * np.sqrt(2 * np.pi)) for _, sigma in data.values())
    e, l = np.array(singlets), np.array(doublets)
    power_e, power_nu = np.abs(e[:, None] + l), np.abs(l[:, None] + l)
    low, high = FroggattNielsenSettings().epsilon_min, FroggattNielsenSettings().epsilon_max

    def pull2(name, value):
        return ((value - data[name][0]) / data[name][1]) ** 2

    found = []
    for batch in range(batches):
        rng = stream(seed, "FN plain", str(doublets), str(singlets), batch)
        total = 0.0
        for epsilon in low + (high - low) * (rng.random() + np.arange(nodes)) / nodes:
            m_e = order_one((draws, 3, 3), rng) * epsilon**power_e
            m_e = m_e[near(m_e, data)]
            if not len(m_e):
                continue
            s = np.linalg.svd(m_e, compute_uv=False)
            chi2 = pull2("me_over_mmu", s[:, 2] / s[:, 1]) + pull2("y_tau", s[:, 0])
            chi2 += pull2("mmu_over_mtau", s[:, 1] / s[:, 0])
            charged, weight_e = kept(m_e, chi2, rng, 1500)
            weight_e /= draws
            c = order_one((NEUTRAL, 3, 3), rng)
            c = np.triu(c) + np.swapaxes(np.triu(c, 1), 1, 2)
            m_nu = c * epsilon**power_nu
            s = np.linalg.svd(m_nu, compute_uv=False)
            ratio = (s[:, 1] ** 2 - s[:, 2] ** 2) / (s[:, 0] ** 2 - s[:, 2] ** 2)
            neutral, weight_nu = kept(m_nu, pull2("dm2_ratio", ratio), rng, 1500)
            weight_nu /= NEUTRAL
            for u, w in zip(charged, weight_e, strict=True):
                p = np.abs(np.einsum("fa,nfi->nai", u.conj(), neutral)) ** 2
                chi2 = pull2("sin2_theta13", p[:, 0, 2])
                chi2 += pull2("sin2_theta12", p[:, 0, 1] / (p[:, 0, 0] + p[:, 0, 1]))
                chi2 += pull2("sin2_theta23", p[:, 1, 2] / (p[:, 1, 2] + p[:, 2, 2]))
                total += w * (weight_nu @ np.exp(-0.5 * chi2)) / nodes
        found.append(total)
    z = np.array(found)
    with np.errstate(divide="ignore"):
        log_z = float(np.log(z.mean()) + norm)
    return log_z, float(z.std(ddof=1) / np.sqrt(len(z)) / z.mean())


def again(rows, count, members):
    """Pulls between the ranking's seed and two others."""
    chosen = [*rows[:count], *rows[count : 3 * count : 10]]
    found, pulls = [], []
    for row in chosen:
        values = [(row["log_evidence"], row["log_evidence_error"])]
        for seed in (1, 2):
            one = evidence_of(Candidate(row["model"], *members[row["model"]]), seed)
            values.append((one.log_evidence, one.error))
        z, s = np.array(values).T
        pulls += [(z[i] - z[j]) / np.hypot(s[i], s[j]) for i, j in ((0, 1), (0, 2), (1, 2))]
        found.append({"model": row["model"], "converged": row["converged"], "values": values})
        print(row["model"], "  ".join(f"{a:.3f} +- {b:.3f}" for a, b in values), flush=True)
    rms = float(np.sqrt(np.mean(np.square(pulls))))
    print(f"{len(chosen)} assignments, rms of {len(pulls)} differences {rms:.2f} standard errors")
    return {"rows": found, "rms_pull": rms, "largest_pull": float(np.abs(pulls).max())}


def figure(rows):
    """docs/figures/froggatt-nielsen.png."""
    with tempfile.TemporaryDirectory() as folder:
        comparison_figure(rows, Path(folder))
        FIGURE.write_bytes((Path(folder) / "comparison.png").read_bytes())


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--ranking", type=Path, required=True)
    parser.add_argument("--again", type=int, default=0)
    parser.add_argument("--plain", type=int, default=0)
    parser.add_argument("--batches", type=int, default=10, help="of plain Monte Carlo")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--figure", action="store_true", help="the best 12, for the docs")
    arguments = parser.parse_args()
    rows = json.loads((arguments.ranking / "comparison.json").read_text())["models"]
    members = family(len(rows))
    if arguments.figure:
        figure(rows[:12])
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    if arguments.again:
        results["again"] = again(rows, arguments.again, members)
        write_json(RESULTS, results)
    anarchy = next(row for row in rows if "l = (0, 0, 0)" in row["model"])
    for row in [*rows[: max(arguments.plain - 1, 0)], anarchy] if arguments.plain else []:
        start = time.process_time()
        changes = members[row["model"]][1]
        log_z, error = plain(
            changes["doublets"], changes["singlets"], arguments.seed, arguments.batches
        )
        cpu = time.process_time() - start
        print(
            f"{row['model']}: plain {log_z:.3f} +- {error:.3f}, sectors "
            f"{row['log_evidence']:.3f} +- {row['log_evidence_error']:.3f}, {cpu:.0f} s",
            flush=True,
        )
        sectors = [row["log_evidence"], row["log_evidence_error"]]
        results.setdefault("plain", {})[row["model"]] = {
            "plain": [log_z, error], "sectors": sectors, "cpu_seconds": cpu,
        }  # fmt: skip
        write_json(RESULTS, results)


if __name__ == "__main__":
    main()
