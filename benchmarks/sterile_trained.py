"""Estimators trained for one data set: against the exact posterior, over simulated data sets.

Truncated rounds of FMPE or NPSE, or SNPE-C (where sbi is installed), for the measured data and for
data simulated at draws of the prior: share of effective draws, ln B less the exact one, k-hat,
seconds of CPU, and over the simulated ones how often regions of highest exact density, measured by
the draws (weighted; and raw, as they came), hold the truth. It stops after --minutes and says how
many data sets it has done; the same command goes on from there.

    python benchmarks/sterile_trained.py --kind fmpe-rounds --data-sets 200 [--minutes 10] \
        [--rounds 3 --simulations 2000 --steps 500 --batch 256 --draws 1000]
"""

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from pontecorvo.base import files
from pontecorvo.base.errors import InputError
from pontecorvo.base.seeds import stream
from pontecorvo.flows.flow_settings import TrainSettings
from pontecorvo.frequentist.belts import coverage_probability
from pontecorvo.frequentist.grid_posterior import GridPosterior
from pontecorvo.problems.sterile.experiment_registry import load_experiments
from pontecorvo.problems.sterile.fits import Fit, Settings, sets_of
from pontecorvo.problems.sterile.joint import JointLikelihood
from pontecorvo.problems.sterile.neural.neural_fits import NeuralFit
from pontecorvo.problems.sterile.neural.trained_here import TrainingEffort, train_here
from pontecorvo.problems.sterile.plane_likelihood import sterile_plane


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
    truth = None
    if number:
        rng = stream(7, "sterile-trained", number)
        truth = point = np.array([[rng.uniform(-4, 0), rng.uniform(-2, 2)]])
        joint = fit.likelihood
        data = joint.simulate(10 ** point[:, 0], 10 ** point[:, 1], rng)[0]
        fit = replace(fit, name=f"simulated-{number}")
        fit.__dict__["likelihood"] = OtherData(joint, data)
        plane = fits_plane(fit)
        value = -0.5 * fit.likelihood.marginal(*(10**plane.points).T)
        null = -0.5 * fit.likelihood.marginal(np.zeros(1), np.ones(1))[0]
        fit.__dict__["posterior"] = GridPosterior(plane, value, null)
    start = time.process_time()
    found = train_here(kind, fit, 1 + number, effort=effort)
    about = found.describe()
    return {
        **({} if truth is None else held_at(fit, found, truth)),
        "data_set": number,
        "ess_fraction": about["ess_fraction"],
        "k_hat": about["k_hat"],
        "ln_b": about["log_bayes_factor"],
        "ln_b_error": about["log_bayes_factor_error"],
        "exact_ln_b": about["exact_log_bayes_factor"],
        "cpu_seconds": time.process_time() - start,
    }


def held_at(fit: Fit, found: NeuralFit, truth: np.ndarray) -> dict[str, float]:
    """Level of the region of highest exact density whose edge the truth is, by the draws."""
    above = fit.log_likelihood(found.draws.points) > fit.log_likelihood(truth)[0]
    return {
        "truth_log10_s22": float(truth[0, 0]),
        "truth_log10_dm2": float(truth[0, 1]),
        "level_weighted": float(np.sum(found.weights.weights * above)),
        "level_raw": float(np.mean(above)),
    }


def print_coverage(rows: list[dict[str, float]]) -> None:
    """How often the truth was held, with the binomial p-value of the count."""
    simulated = [row for row in rows if "level_raw" in row]
    for word in ("weighted", "raw"):
        levels = np.array([row[f"level_{word}"] for row in simulated])
        said = []
        for level in (0.68, 0.90, 0.95):
            held = int(np.sum(levels <= level))
            p = coverage_probability(held, len(levels), level)
            said.append(f"{100 * level:g} %: {100 * held / len(levels):.1f} (p = {p:.2g})")
        print(f"{word} draws hold the truth, of {len(levels)}: {'; '.join(said)}")


def fits_plane(fit: Fit):
    return sterile_plane(fit.settings.posterior_shape, fit.experiments)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kind", default="fmpe-rounds")
    parser.add_argument("--experiments", default="shipped")
    parser.add_argument("--data-sets", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--simulations", type=int, default=10_000)
    parser.add_argument("--draws", type=int, default=4000)
    parser.add_argument("--steps", type=int, default=2000, help="of each training of a flow")
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results")
    options = parser.parse_args()
    fits = sets_of(load_experiments(options.experiments), Settings(posterior_shape=(121, 401)))
    fit = next(iter(fits.values()))
    # all else as `sbi.flow_estimator` trains by default
    train = TrainSettings(
        steps=options.steps, batch=options.batch, learning_rate=2e-3, ema=0.99, dropout=0.0
    )
    effort = TrainingEffort(options.rounds, options.simulations, options.draws, train)
    path = options.out / f"sterile_trained_{options.kind}.json"
    asked = [options.experiments, options.rounds, options.simulations]
    asked += [options.draws, options.steps, options.batch]
    rows = []
    if path.is_file() and (kept := json.loads(path.read_text()))["asked"] == asked:
        rows = kept["data_sets"]
    start = time.perf_counter()
    for number in range(len(rows), options.data_sets):
        if time.perf_counter() - start > 60 * options.minutes:
            break
        try:
            rows.append(one(fit, options.kind, number, effort))
        except InputError as error:
            rows.append({"data_set": number, "refused": str(error)})
        files.write_json(path, {"asked": asked, "data_sets": rows})
        print(rows[-1], flush=True)
    refused = [row for row in rows if "refused" in row]
    for row in refused:
        print(f"data set {row['data_set']} was refused: {row['refused']}")
    rows = [row for row in rows if "refused" not in row]
    difference = np.abs([row["ln_b"] - row["exact_ln_b"] for row in rows])
    ess = np.array([row["ess_fraction"] for row in rows])
    khat = np.array([row["k_hat"] for row in rows])
    print_coverage(rows)
    print(
        f"ESS/N at the measured data {ess[0]:.3f}; below 0.1 in {np.sum(ess < 0.1)}; k-hat above "
        f"0.7 in {np.sum(khat > 0.7)}; 10 % quantile of ESS/N {np.quantile(ess, 0.1):.3f}"
    )
    print(
        f"{options.kind}: {len(rows)} data sets and {len(refused)} refused; ESS/N median "
        f"{np.median(ess):.3f}, lowest {ess.min():.3f}; |ln B - exact| median "
        f"{np.median(difference):.3f}, largest {difference.max():.3f}; "
        f"{np.mean([row['cpu_seconds'] for row in rows]):.0f} s of CPU each"
    )


if __name__ == "__main__":
    main()
