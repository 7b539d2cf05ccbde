"""How far the exact posterior's draws reach: ESS and predictions under other priors.

Each prior is answered twice: by reweighting the exact draws, as every report does, and, as a run of
its own would, by weighting points of the chart by that prior's density. Where the report refuses,
the second column says what was refused.

    python benchmarks/prior_dependence.py --draws 10000
"""

import argparse
from pathlib import Path

import numpy as np

from pontecorvo.base import weights as iw
from pontecorvo.base.files import write_json
from pontecorvo.base.quantiles import weighted_quantiles
from pontecorvo.base.seeds import stream
from pontecorvo.core.target import Target
from pontecorvo.problems.flavour.nufit import nufit
from pontecorvo.problems.seesaw.alternative_priors import alternatives, seesaw_ratio
from pontecorvo.problems.seesaw.haar_prior import LightPrior
from pontecorvo.problems.seesaw.model import Seesaw
from pontecorvo.samplers.exact import sample_exact
from pontecorvo.study.prior_dependence import reweight_by

RESULTS = Path(__file__).parent / "results"
LEVELS = np.array([0.5, 0.16, 0.84])
MORE = (
    LightPrior("masses", 1e-3),
    LightPrior("masses", 1e-5),
    LightPrior("haar", 1e-3, 0.3),
)
BLOCK = 1 << 18


def ratios(model):
    """Built-in priors and a few more, by name."""
    result = alternatives(model)
    for light in MORE:
        width = f", boost of width {light.boost:g}" if light.kind == "haar" else ""
        result[light.title + width] = seesaw_ratio(model, model.prior_settings, light)
    return result


def weighed(target, points, seed):
    """Points of the chart that have a posterior: theta, log weights, and how many there were."""
    rng = stream(seed, "prior dependence", target.model.ordering)
    kept, logs = [], []
    for _ in range(0, points, BLOCK):
        theta, volume = target.chart.to_parameters(rng.random((BLOCK, target.chart.dim)))
        good = np.isfinite(volume)
        value = volume[good] + target.log_likelihood(theta[good])
        kept.append(theta[good])
        logs.append(value)
    return np.concatenate(kept), np.concatenate(logs)


def row(values, log_weight):
    """ESS, and median and 68 % interval in meV, of weighted draws."""
    share = iw.normalised(log_weight)
    return {
        "ess": iw.kish_ess(log_weight),
        "k_hat": iw.pareto_k(log_weight),
        **{
            name: [1e3 * float(x) for x in weighted_quantiles(values[name], share, LEVELS)]
            for name in ("sum_m", "m_ee", "m_beta")
        },
    }


def text(entry):
    """One side of a printed row."""
    cells = [f"ESS {entry['ess']:8.0f} k {entry['k_hat']:5.2f}"]
    for name in ("sum_m", "m_ee"):
        middle, low, high = entry[name]
        cells.append(f"{name} {middle:6.2f} ({low:.2f}-{high:.2f})")
    return "  ".join(cells)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=10_000)
    parser.add_argument("--points", type=int, default=1 << 21, help="of the chart, weighted anew")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    table = {"draws": arguments.draws, "points": arguments.points}
    for ordering in ("no", "io"):
        target = Target(Seesaw(ordering), nufit(ordering))
        draws = sample_exact(target, arguments.draws, arguments.seed)
        values = target.model.predict(draws.theta)
        points, logs = weighed(target, arguments.points, arguments.seed)
        point_values = target.model.predict(points)
        flat = {"as in the run": lambda theta, _: np.zeros(len(theta))}
        for name, ratio in {**flat, **ratios(target.model)}.items():
            moved = reweight_by(draws.log_weight, ratio(draws.theta, values))
            entry = {
                "usable": moved.usable,
                "posterior_inside": moved.kept,
                "ess_fraction": moved.ess / len(draws.theta),
            }
            if moved.ess > 0:
                entry["reweighted"] = row(values, moved.log_weight)
            anew = logs + ratio(points, point_values)
            if np.isfinite(anew).any():
                entry["anew"] = row(point_values, anew)
            table[f"{ordering}: {name}"] = entry
            print(f"{ordering}: {name}  usable {moved.usable}  inside {moved.kept:.3f}")
            for side in ("reweighted", "anew"):
                if side in entry:
                    print(f"    {side:10s} {text(entry[side])}", flush=True)
            write_json(RESULTS / "prior_dependence.json", table)


if __name__ == "__main__":
    main()
