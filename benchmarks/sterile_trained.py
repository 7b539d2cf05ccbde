"""Estimators trained for one data set: against the exact posterior, over simulated data sets.

Truncated rounds of FMPE or NPSE, or SNPE-C (where sbi is installed), for the measured data and for
data simulated at draws of the prior: share of effective draws, ln B less the exact one, k-hat,
seconds of CPU. It stops after --minutes and says how many data sets it has done; the same command
goes on from there.

    python benchmarks/sterile_trained.py --kind fmpe-rounds --data-sets 200 [--minutes 10]
"""

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from pontecorvo.base import files
from pontecorvo.base.seeds import stream
from pontecorvo.problems.sterile.experiment_registry import load_experiments
from pontecorvo.problems.sterile.fits import Fit, Settings, sets_of
from pontecorvo.problems.sterile.joint import JointLikelihood
from pontecorvo.problems.sterile.neural.trained_here import TrainingEffort, train_here


class OtherData(JointLikelihood):
    """The same experiments with other data."""

    def __init__(self, joint: JointLikelihood, data: np.ndarray) -> None:
        super().__init__(joint.experiments)
        self._own = data

    @property
    def data(self) -> np.ndarray:
        """Those given (B,)."""
        return self._own

    def _sum(self, s22, dm2, data, marginal):
        return super()._sum(s22, dm2, self._own if data is None else data, marginal)


def one(fit: Fit, kind: str, number: int, effort: TrainingEffort) -> dict[str, float]:
    """Train for data set `number`; 0 is the measured one."""
    if number:
        rng = stream(7, "sterile-trained", number)
        point = np.array([[rng.uniform(-4, 0), rng.uniform(-2, 2)]])
        joint = fit.likelihood
        data = joint.simulate(10 ** point[:, 0], 10 ** point[:, 1], rng)[0]
        fit = replace(fit, name=f"simulated-{number}")
        fit.__dict__["likelihood"] = OtherData(joint, data)
        plane = fits_plane(fit)
        value = -0.5 * fit.likelihood.marginal(*(10**plane.points).T)
        null = -0.5 * fit.likelihood.marginal(np.zeros(1), np.ones(1))[0]
        from pontecorvo.frequentist.grid_posterior import GridPosterior

        fit.__dict__["posterior"] = GridPosterior(plane, value, null)
    start = time.process_time()
    about = train_here(kind, fit, 1 + number, effort=effort).describe()
    return {
        "data_set": number,
        "ess_fraction": about["ess_fraction"],
        "k_hat": about["k_hat"],
        "ln_b": about["log_bayes_factor"],
        "ln_b_error": about["log_bayes_factor_error"],
        "exact_ln_b": about["exact_log_bayes_factor"],
        "cpu_seconds": time.process_time() - start,
    }


def fits_plane(fit: Fit):
    from pontecorvo.problems.sterile.plane_likelihood import sterile_plane

    return sterile_plane(fit.settings.posterior_shape, fit.experiments)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kind", default="fmpe-rounds")
    parser.add_argument("--experiments", default="shipped")
    parser.add_argument("--data-sets", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--simulations", type=int, default=10_000)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results")
    options = parser.parse_args()
    fits = sets_of(load_experiments(options.experiments), Settings(posterior_shape=(121, 401)))
    fit = next(iter(fits.values()))
    effort = TrainingEffort(rounds=options.rounds, simulations=options.simulations)
    path = options.out / f"sterile_trained_{options.kind}.json"
    asked = [options.experiments, options.rounds, options.simulations]
    rows = []
    if path.is_file() and (kept := json.loads(path.read_text()))["asked"] == asked:
        rows = kept["data_sets"]
    start = time.perf_counter()
    for number in range(len(rows), options.data_sets):
        if time.perf_counter() - start > 60 * options.minutes:
            break
        rows.append(one(fit, options.kind, number, effort))
        files.write_json(path, {"asked": asked, "data_sets": rows})
        print(rows[-1], flush=True)
    difference = np.abs([row["ln_b"] - row["exact_ln_b"] for row in rows])
    ess = np.array([row["ess_fraction"] for row in rows])
    print(
        f"{options.kind}: {len(rows)} data sets; ESS/N median {np.median(ess):.3f}, lowest "
        f"{ess.min():.3f}; |ln B - exact| median {np.median(difference):.3f}, largest "
        f"{difference.max():.3f}; {np.mean([row['cpu_seconds'] for row in rows]):.0f} s of CPU each"
    )


if __name__ == "__main__":
    main()
