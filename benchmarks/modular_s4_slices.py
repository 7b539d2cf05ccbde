r"""The S4' model slice by slice in g2, beside `method: modes`: ln Z and weights, thin tails too.

    python benchmarks/modular_s4_slices.py --ordering no --run DIR [--seed 1]

DIR is a run of `pontecorvo run` (study: modular-s4-no, scale: ratio) to be compared with. Families
of modes are long thin ridges along g2, which a sampler of all six parameters at once follows to
their thin ends only if something leads it there. Here nothing has to: at each of hundreds of g2,
the other five parameters have small round modes, found by least squares from random starts
everywhere in the domain and, up and down again, from the neighbouring slice's minima. Student t
densities around them, wider ones beside, give Z(g2) by importance sampling without bias, and

    Z = 2 int dg2 Z(g2),   Z(g2) = E_q[prior likelihood / q],

twice, since Re tau > 0 has half of it (Re tau -> -Re tau is CP). Re tau, abs(tau)^2 - 1, a2, a3, g3
are the coordinates, so that the domain's edge is a flat face. Nothing is shared with
`method: modes` but the likelihood and the damped least squares. Each stratum of g2 has two slices
at random places in it: the error is the scatter of these pairs, place and draws together. Modes
that no start leads to would be missed here too, but these are other starts, and more of them.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np

from pontecorvo.base.files import write_json
from pontecorvo.base.progress import progress
from pontecorvo.base.seeds import stream
from pontecorvo.problems.modular_s4 import ModularS4Problem, ModularS4Settings
from pontecorvo.samplers.levenberg import jacobian, minimise
from pontecorvo.samplers.student_mixture import StudentMixture
from pontecorvo.study.posterior_file import read_groups

RESULTS = Path(__file__).parent / "results" / "modular_s4_slices.json"
NAMES = ("re_tau", "im_tau", "a2", "a3", "g2", "g3")
G2, HIGHEST, SIZE = 4, 3.5, 10.0
EDGES = {
    "no": ((-10, -2, 32), (-2, 0, 32), (0, 1.2, 48), (1.2, 3.8, 130), (3.8, 10, 50)),
    "io": (
        (-10, 0, 20),
        (0, 0.4, 12),
        (0.4, 0.9, 40),
        (0.9, 1.1, 20),
        (1.1, 1.25, 120),
        (1.25, 1.85, 20),
        (1.85, 2.2, 60),
        (2.2, 10, 20),
    ),
}
"""Strata of g2: from, to, how many. Finer where the modes are narrow."""
BOXES = {
    "no": {
        "a3 = -2.16, im tau < 1.08": ((0.05, 0.15), (0.98, 1.08), (-2.4, -1.9), (0.5, 5.0)),
        "a3 = -2.77, g2 < 0.9": ((0.05, 0.15), (0.98, 1.08), (-3.1, -2.5), (-10.0, 0.9)),
        "a3 = -2.77, 0.9 < g2 < 1.5": ((0.05, 0.15), (0.98, 1.08), (-3.1, -2.5), (0.9, 1.5)),
        "a3 = -2.77, 1.5 < g2 < 2.4": ((0.05, 0.15), (0.98, 1.08), (-3.1, -2.5), (1.5, 2.4)),
        "a3 = -2.77, 2.4 < g2 < 5": ((0.05, 0.15), (0.98, 1.08), (-3.1, -2.5), (2.4, 5.0)),
        "a3 = -2.77, 5 < g2": ((0.05, 0.15), (0.98, 1.08), (-3.1, -2.5), (5.0, 10.0)),
        "a3 = 2.77": ((0.0, 0.06), (1.1, 1.3), (2.6, 2.95), (2.6, 3.6)),
        "a3 = 2.16": ((0.0, 0.06), (1.1, 1.3), (1.9, 2.45), (2.6, 3.8)),
        "a3 = -2.16, im tau > 1.04": ((0.0, 0.05), (1.04, 1.16), (-2.4, -1.9), (1.7, 2.5)),
    },
    "io": {
        "a3 = 2.56": ((0.0, 0.1), (1.9, 2.2), (2.5, 2.6), (0.5, 2.0)),
        "a3 = 2.37": ((0.0, 0.1), (1.9, 2.2), (2.33, 2.42), (0.5, 2.0)),
        "a3 = 2.29": ((0.0, 0.1), (1.9, 2.2), (2.2, 2.33), (0.5, 2.0)),
        "a3 = 2.75": ((0.0, 0.1), (1.6, 1.9), (2.68, 2.82), (0.5, 2.0)),
        "a3 = 2.65": ((0.0, 0.1), (1.8, 1.95), (2.6, 2.68), (0.5, 2.0)),
        "re tau > 0.4": ((0.4, 0.5), (0.8, 3.5), (-10.0, 10.0), (-10.0, 10.0)),
    },
}
"""Where shares are compared: ranges of Re tau, Im tau, a3, g2."""
DRAWS, STARTS, MOST = 4_000, 500, 80
WIDER = ((1.0, 0.45), (1.6, 0.35), (4.0, 0.2))
"""Widths of the Student t densities in units of the linearised errors, and their shares."""


class Slices:
    """Half of the domain in (Re tau, s, a2, a3, g2, g3), s = abs(tau)^2 - 1."""

    def __init__(self, target):
        self.target = target
        self.high = np.array([0.5, 0.25 + HIGHEST**2 - 1, SIZE, SIZE, SIZE, SIZE])
        self.low = np.array([0.0, 0.0, -SIZE, -SIZE, -SIZE, -SIZE])
        self.free = np.array([0, 1, 2, 3, 5])

    def starts(self, count, rng):
        """Points (count, 5) of the cube, tau even in its domain."""
        u = rng.random((count, 5))
        re = 0.5 * u[:, 0]
        edge = np.sqrt(1 - re**2)
        im = edge + (HIGHEST - edge) * u[:, 1]
        u[:, 1] = (re**2 + im**2 - 1) / self.high[1]
        return u

    def theta(self, u, g2):
        """Parameters (N, 6) of points (N, 5) of the cube, and ln of the volume (N,)."""
        x = np.empty((len(u), 6))
        x[:, self.free] = self.low[self.free] + (self.high - self.low)[self.free] * u
        x[:, G2] = g2
        im = np.sqrt(1 + x[:, 1] - x[:, 0] ** 2)
        x[:, 1] = im
        volume = np.log((self.high - self.low)[self.free]).sum() - np.log(2 * im)
        return x, volume

    def log_p(self, u, g2):
        """ln of prior times likelihood times volume (N,), -inf outside of the cube."""
        out = np.full(len(u), -np.inf)
        inside = np.all((u >= 0) & (u <= 1), axis=1)
        theta, volume = self.theta(u[inside], g2)
        prior = self.target.log_prior(theta)
        fine = np.isfinite(prior)
        value = np.full(len(theta), -np.inf)
        value[fine] = prior[fine] + self.target.log_likelihood(theta[fine])
        out[inside] = np.where(np.isnan(value), -np.inf, value + volume)
        return out

    def residuals(self, g2):
        """Points (N, 5) to residuals (N, 6) in standard errors."""
        measurement, target = self.target.measurement, self.target

        def at(u):
            values = target.model.forward(self.theta(u, g2)[0])
            return measurement.residuals(target.of_measured(values)) / measurement.sigma

        return at

    def minima(self, g2, starts):
        """Distinct minima (K, 5), Cholesky roots (K, 5, 5) and chi2 (K,) of a slice."""
        residuals = self.residuals(g2)
        found = minimise(residuals, starts, steps=60)
        good = found.chi2 < found.chi2.min() + 30
        u, chi2 = found.u[good], found.chi2[good]
        if not len(u):
            return np.empty((0, 5)), np.empty((0, 5, 5)), np.empty(0)
        slope = jacobian(residuals, u, residuals(u))
        precision = np.einsum("nma,nmb->nab", slope, slope) + 12 * np.eye(5)
        height = -0.5 * chi2 - 0.5 * np.linalg.slogdet(precision)[1]
        kept = []
        for i in np.argsort(-height):
            away = u[kept] - u[i]
            if not np.any(np.einsum("ka,ab,kb->k", away, precision[i], away) < 1.0):
                kept.append(i)
            if len(kept) == MOST:
                break
        roots = np.linalg.cholesky(np.linalg.inv(precision[kept]))
        return u[kept], roots, -2 * height[kept]

    def integral(self, g2, starts, rng):
        """Z(g2), its Monte Carlo error, weighted draws (theta, weight)."""
        if not len(starts):
            return 0.0, 0.0, np.empty((0, 6)), np.empty(0)
        u, roots, height = self.minima(g2, starts)
        if not len(u):
            return 0.0, 0.0, np.empty((0, 6)), np.empty(0)
        share = np.exp(-0.5 * (height - height.min()))
        share = 0.7 * share / share.sum() + 0.3 / len(share)
        mixture = StudentMixture(
            np.concatenate([share * s for _, s in WIDER]),
            np.concatenate([u] * len(WIDER)),
            np.concatenate([roots * w for w, _ in WIDER]),
        )
        x = mixture.draw(DRAWS, rng)
        weight = np.exp(self.log_p(x, g2) - mixture.log_density(x))
        some = weight > 0
        error = weight.std() / np.sqrt(DRAWS)
        return weight.mean(), error, self.theta(x[some], g2)[0], weight[some] / DRAWS


def searched(slices, middles, rng):
    """Minima (K, 5) of the slice in the middle of each stratum, upwards and down again."""
    known, found = np.empty((0, 5)), []
    with progress("search slices", len(middles)) as advance:
        for g2 in middles:
            known, _, _ = slices.minima(g2, np.concatenate([known, slices.starts(STARTS, rng)]))
            found.append(known)
            advance(1)
    for i in reversed(range(len(middles) - 1)):
        starts = np.concatenate([found[i], found[i + 1]])
        if len(starts):
            found[i], _, _ = slices.minima(middles[i], starts)
    return found


def sliced(target, ordering, seed):
    """Slices (2, S, 4): g2, Z(g2), its Monte Carlo error, width; draws (K, 6), weights, places."""
    slices = Slices(target)
    strata = np.concatenate([np.linspace(a, b, n + 1)[:-1] for a, b, n in EDGES[ordering]])
    edges = np.append(strata, SIZE)
    found = searched(slices, 0.5 * (edges[1:] + edges[:-1]), stream(seed, "slices", ordering))
    rows, theta, weight, place = np.empty((2, len(strata), 4)), [], [], []
    with progress("slices", 2 * len(strata)) as advance:
        for pair in range(2):
            rng = stream(seed, "slices", ordering, pair)
            for i in range(len(strata)):
                width = edges[i + 1] - edges[i]
                g2 = edges[i] + width * rng.random()
                starts = np.concatenate(found[max(i - 1, 0) : i + 2])
                value, error, x, w = slices.integral(g2, starts, rng)
                rows[pair, i] = g2, value, error, width
                theta.append(x)
                weight.append(w * width)  # the mean of two slices, times two for the CP images
                place.append(np.full((len(w), 2), (pair, i)))
                advance(1)
    return rows, np.concatenate(theta), np.concatenate(weight), np.concatenate(place)


def pair_error(weight, place, strata):
    """Error of a sum of weights from the scatter of the two slices of each stratum."""
    parts = np.bincount(place[:, 0] * strata + place[:, 1], weight, 2 * strata).reshape(2, strata)
    return float(np.sqrt(np.sum((parts[0] - parts[1]) ** 2)))


def within(theta, box):
    """Which of parameters (N, 6), Re tau not negative, are in a box of `BOXES`."""
    low, high = np.array(box).T
    theta = theta[:, [0, 1, 3, G2]]
    return np.all((theta >= low) & (theta < high), axis=1)


def measured(ordering, seed):
    """ln Z, its error and shares of the boxes, by slices."""
    target = ModularS4Problem(ModularS4Settings(ordering=ordering, scale="ratio")).target
    cpu = time.process_time()
    rows, x, w, place = sliced(target, ordering, seed)
    cpu = time.process_time() - cpu
    strata, z = rows.shape[1], w.sum()
    shares = {}
    for name, box in BOXES[ordering].items():
        here = within(x, box)
        share = float(w[here].sum() / z)
        shares[name] = {"slices": [share, pair_error(w * (here - share), place, strata) / z]}
    return {
        "log_evidence": float(np.log(z)),
        "error": pair_error(w, place, strata) / z,
        "error_of_draws": float(np.sqrt(np.sum((rows[..., 2] * rows[..., 3]) ** 2)) / z),
        "cpu_seconds": cpu,
        "shares": shares,
    }


def beside(row, ordering, run):
    """Add what a run by `method: modes` has, and print both."""
    group = read_groups(run / "posterior.nc")["posterior"]
    draws = np.column_stack([group[name].values.ravel() for name in NAMES])
    draws[:, 0] = np.abs(draws[:, 0])
    summary = json.loads((run / "summary.json").read_text())
    row["modes"] = [summary["log_evidence"], summary["log_evidence_error"]]
    print(f"ln Z by slices {row['log_evidence']:.4f} +- {row['error']:.4f}", end="")
    print(f" ({row['cpu_seconds']:.0f} s of processor), by modes ", end="")
    print("{:.4f} +- {:.4f}".format(*row["modes"]))
    for name, both in row["shares"].items():
        share = float(within(draws, BOXES[ordering][name]).mean())
        both["modes"] = [share, float(np.sqrt(share * (1 - share) / len(draws)))]
        (a, da), (b, db) = both["slices"], both["modes"]
        pull = (b - a) / np.hypot(da, db)
        print(f"  {name:28} {a:.4f}({da:.4f}) {b:.4f}({db:.4f}) {pull:+.1f} errors")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--ordering", choices=("no", "io"), default="no")
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--known", action="store_true", help="slices from the file of results")
    arguments = parser.parse_args()
    key = f"{arguments.ordering}, seed {arguments.seed}"
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    if not (arguments.known and key in results):
        row = measured(arguments.ordering, arguments.seed)
        results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
        results[key] = row
    beside(results[key], arguments.ordering, arguments.run)
    write_json(RESULTS, results)


if __name__ == "__main__":
    main()
