"""Joint likelihood of all shipped experiments: points a second, beside a per-point profile.

    python benchmarks/likelihood.py [--points N] [--data DIR]

The peer, in the same run, is what one would write first: at each point a numpy chi2 of predictions
and pulls, minimised over the pulls (energy scales in their boxes) by iminuit.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
from iminuit import Minuit

from pontecorvo.base.files import write_json
from pontecorvo.base.parallel import thread_count
from pontecorvo.problems.sterile.experiment_registry import SHIPPED, Setting
from pontecorvo.problems.sterile.joint import JointLikelihood
from pontecorvo.problems.sterile.scale import ScaleExperiment
from pontecorvo.problems.sterile.tabulated import tabulate_likelihood

RESULTS = Path(__file__).parent / "results" / "likelihood.json"


class PerPoint:
    """The joint chi2 at one point as a function of every pull, minimised by iminuit."""

    def __init__(self, joint: JointLikelihood) -> None:
        self.joint = joint
        self.inverse = {
            m.name: np.linalg.inv(m.covariance())
            for m in joint.experiments
            if m.statistic == "gaussian"
        }
        self.names = list(joint.nuisances)
        self.boxes = []
        for member in joint.experiments:
            if isinstance(member, ScaleExperiment) and member.prior == "box":
                self.boxes += list(member.scale_names)

    def __call__(self, s22: float, dm2: float) -> float:
        """Chi2 at one point, minimised by Migrad over pulls and energy scales."""
        a, b = np.array([s22]), np.array([dm2])
        fixed = {
            m.name: (m.predict(a, b)[0], m.response(a, b)[0])
            for m in self.joint.experiments
            if not isinstance(m, ScaleExperiment)
        }
        places = {name: index for index, name in enumerate(self.names + self.boxes)}

        def chi2(values: np.ndarray) -> float:
            total = float(values[: len(self.names)] @ values[: len(self.names)])
            for m in self.joint.experiments:
                if isinstance(m, ScaleExperiment):
                    shifts = np.array([values[places[n]] for n in m.scale_names])
                    mean = m.shifted(a, b, (shifts * m.scale_sigma)[None])[0]
                else:
                    mean, response = fixed[m.name]
                    mean = mean + response @ np.array([values[places[n]] for n in m.nuisances])
                if m.statistic == "poisson":
                    mean = np.maximum(mean, 1e-9)
                    safe = np.where(m.data > 0, m.data, 1.0)
                    total += 2 * (mean - m.data + m.data * np.log(safe / mean)).sum()
                else:
                    residual = m.data - mean
                    total += residual @ self.inverse[m.name] @ residual
            return total

        start = np.zeros(len(places))
        start[len(self.names) :] = 0.1
        minuit = Minuit(chi2, start)
        for index in range(len(self.names), len(places)):
            minuit.limits[index] = (-1, 1)
        minuit.migrad()
        return float(minuit.fval)


def timed(function, *arguments):
    start = time.perf_counter()
    result = function(*arguments)
    return result, time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=4_000_000)
    parser.add_argument("--peer-points", type=int, default=30)
    parser.add_argument("--data", type=Path, default=None)
    arguments = parser.parse_args()
    joint, load = timed(JointLikelihood.load, SHIPPED, Setting(data=arguments.data))
    processor = time.process_time()
    _, tabulation = timed(lambda: tabulate_likelihood(joint, cache=False))
    processor = time.process_time() - processor
    table = tabulate_likelihood(joint)
    rng = np.random.default_rng(1)
    s22 = 10 ** rng.uniform(-4, 0, arguments.points)
    dm2 = 10 ** rng.uniform(-2, 2, arguments.points)
    table(s22[:10], dm2[:10])
    rates = []
    for _ in range(3):
        values, seconds = timed(table, s22, dm2)
        rates.append(arguments.points / seconds)
    count = 2000
    exact, seconds = timed(joint.chi2, s22[:count], dm2[:count])
    exact_rate = count / seconds
    inside = exact < exact.min() + 25
    error = np.abs(values[:count] - exact)
    peer = PerPoint(joint)
    few = np.flatnonzero(inside)[: arguments.peer_points]
    found, seconds = timed(lambda: np.array([peer(s22[i], dm2[i]) for i in few]))
    peer_rate = len(few) / seconds
    result = {
        "experiments": [member.name for member in joint.experiments],
        "bins": joint.size,
        "threads": thread_count(),
        "load_seconds": load,
        "tabulation_seconds": tabulation,
        "tabulation_processor_seconds": processor,
        "tabulated_points_per_second": max(rates),
        "exact_points_per_second": exact_rate,
        "iminuit_points_per_second": peer_rate,
        "tabulated_over_iminuit": max(rates) / peer_rate,
        "table_error_within_25_units": {
            "median": float(np.median(error[inside])),
            "percentile_99": float(np.percentile(error[inside], 99)),
            "max": float(error[inside].max()),
        },
        "iminuit_minus_exact": {
            "median": float(np.median(found - exact[few])),
            "min": float((found - exact[few]).min()),
            "max": float((found - exact[few]).max()),
        },
    }
    write_json(RESULTS, result)
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
