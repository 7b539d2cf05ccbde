"""Evidence of two sterile neutrinos over one, by two samplers and by uniform draws of the prior.

python benchmarks/two_sterile.py [--experiments best,sage,solar]
"""

import argparse
import time
from pathlib import Path

import numpy as np

from pontecorvo.base import files
from pontecorvo.problems.sterile.joint import JointLikelihood
from pontecorvo.problems.sterile.two_sterile import TwoSterileModel, TwoSterileTarget
from pontecorvo.samplers import SMCSettings, sample_nautilus, sample_smc


def uniform(target: TwoSterileTarget, count: int) -> tuple[float, float]:
    """ln evidence and its error, by draws of the prior."""
    points = target.model.prior.sample(count, np.random.default_rng(0))
    value = target.log_likelihood(points)
    weight = np.exp(value - value.max())
    error = weight.std() / weight.mean() / np.sqrt(count)
    return float(value.max() + np.log(weight.mean())), float(error)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--experiments", default="best,sage,solar")
    parser.add_argument("--draws", type=int, default=200_000, help="uniform draws of the prior")
    parser.add_argument("--particles", type=int, default=500)
    parser.add_argument("--live", type=int, default=500)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results")
    options = parser.parse_args()
    target = TwoSterileTarget(TwoSterileModel(JointLikelihood.load(options.experiments)))
    null, one = target.null_log_likelihood, target.one_log_evidence
    rows = {"3+1, quadrature": (one - null, 0.0, 0.0)}
    start = time.process_time()
    value, error = uniform(target, options.draws)
    rows["3+2, uniform draws"] = value - null, error, time.process_time() - start
    start = time.process_time()
    effort = SMCSettings(runs=4, particles=options.particles)
    found = sample_smc(target, 1000, 1, None, effort)
    seconds = time.process_time() - start
    rows["3+2, SMC"] = found.log_evidence - null, found.log_evidence_error, seconds
    start = time.process_time()
    found = sample_nautilus(target, 1000, 2, None, live=options.live)
    seconds = time.process_time() - start
    rows["3+2, nautilus"] = found.log_evidence - null, found.log_evidence_error, seconds
    for name, (value, error, seconds) in rows.items():
        print(f"{name:20} ln B over no oscillation {value:.3f} +- {error:.3f}  ({seconds:.0f} s)")
    files.write_json(options.out / "two_sterile.json", {options.experiments: rows})


if __name__ == "__main__":
    main()
