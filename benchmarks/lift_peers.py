"""The lift beside its peers: the seesaw's raw parameters, NuFIT's five observables, equal CPU time.

    python benchmarks/lift_peers.py --seconds 100 --sbi sbi/bin/python

Everyone starts from nothing but the forward map and gets the same CPU seconds (those of its process
with all threads; a chain is cut into legs, a sampler that cannot be asked is stopped by the
kernel). Solutions are distinct points inside the prior with all five observables in their 3 sigma
ranges; effective draws are Kish's of the weights, or those that a chain's autocorrelation leaves.
sbi's networks are its defaults, learn normal scores of the parameters given transformed observables
with the measurement's noise, and are weighed exactly by their own densities. They learn for three
quarters of the time and draw for the rest. sbi wants an environment of its own:

    python -m venv sbi && sbi/bin/pip install sbi==0.27.0
"""

import argparse
import json
import os
import resource
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from limited import within
from rich.console import Console
from rich.table import Table
from scipy.special import ndtr, ndtri
from scipy.stats import norm

from pontecorvo.base.files import write_json
from pontecorvo.core.target import Target
from pontecorvo.problems.flavour.nufit import nufit
from pontecorvo.problems.seesaw.model import Seesaw
from pontecorvo.samplers.correction import correct

RESULTS = Path(__file__).parent / "results" / "lift_peers.json"
NAMES = {
    "lift": "lift (this package)",
    "smc": "annealing without the lift",
    "emcee": "emcee 3",
    "nautilus": "nautilus 1",
    "npe": "sbi NPE, weighted",
    "fmpe": "sbi FMPE, weighted",
}
SIMULATIONS, WALKERS = 100_000, 128
WORKER = """
import sys, time
import numpy as np
import torch
from sbi.inference import FMPE, NPE

source, target, method, seconds = sys.argv[1:5]
torch.set_num_threads(1)
torch.manual_seed(1)
data = np.load(source)
theta, x = (torch.tensor(data[k], dtype=torch.float32) for k in ("theta", "x"))
wanted = torch.tensor(data["wanted"], dtype=torch.float32)
trainer = {"npe": NPE, "fmpe": FMPE}[method](prior=None, show_progress_bars=False)
trainer.append_simulations(theta, x)
start, epochs = time.process_time(), 0
while time.process_time() - start < 0.75 * float(seconds):
    trainer.train(training_batch_size=500, max_num_epochs=epochs + 1, stop_after_epochs=10**6,
                  resume_training=epochs > 0)
    epochs += 1
size = theta.shape[1]
prior = torch.distributions.MultivariateNormal(torch.zeros(size), 9 * torch.eye(size))
posterior = trainer.build_posterior(prior=prior)
parts, logs = [], []
while time.process_time() - start < float(seconds) and len(parts) < 100:
    points = posterior.sample((200,), x=wanted, show_progress_bars=False)
    parts.append(points)
    logs.append(posterior.log_prob(points, x=wanted).detach())
np.savez(target, draws=torch.cat(parts).numpy(), log_q=torch.cat(logs).numpy(), epochs=epochs,
         cpu=time.process_time() - start)
"""


def ready() -> Target:
    """The target, compiled."""
    target = Target(Seesaw("no"), nufit("no"))
    target.log_likelihood(target.model.prior.sample(1000, np.random.default_rng(0)))
    return target


def row_of(target: Target, theta: np.ndarray, **more: Any) -> dict[str, Any]:
    distinct = np.unique(theta, axis=0)
    return {"solutions": int(target.within_three_sigma(distinct).sum()), **more}


def sampled(target: Target, method: str, seconds: float, seed: int) -> dict[str, Any]:
    """One of the samplers, with the time that is allowed."""
    resource.setrlimit(resource.RLIMIT_CPU, (int(3 * seconds), int(3 * seconds) + 10))
    start, chart = time.process_time(), target.raw_chart
    if method == "lift":
        from pontecorvo.samplers.smc import SMCSettings
        from pontecorvo.sbi.lift.sampler import sample_lift

        n = int(36 * seconds)
        effort = SMCSettings(4, n // 4, 2000, 0.2)
        draws = sample_lift(target, n, seed, smc=effort)
    elif method == "smc":
        from pontecorvo.samplers.smc import SMCSettings, sample_smc

        n = int(30 * seconds)
        draws = sample_smc(target, n, seed, settings=SMCSettings(4, n // 4, 1500), chart=chart)
    elif method == "emcee":
        from pontecorvo.samplers.emcee_adapter import sample_emcee

        few = 1000
        sample_emcee(target, WALKERS, seed, None, WALKERS, few, chart=chart)
        pace = (time.process_time() - start) / few
        steps = max(int((seconds - pace * few) / pace), few)
        draws = sample_emcee(target, 2000, seed, None, WALKERS, steps, chart=chart)
    else:
        from pontecorvo.samplers.nautilus_adapter import sample_nautilus

        draws = sample_nautilus(target, 2000, seed, live=1000, chart=chart, most_seconds=seconds)
    return row_of(
        target,
        draws.theta,
        effective=float(draws.ess),
        log_evidence=draws.log_evidence,
        log_evidence_error=draws.log_evidence_error,
        converged=draws.converged,
        cpu_seconds=time.process_time() - start,
    )


def by_sbi(target: Target, method: str, python: str, seconds: float, seed: int) -> dict[str, Any]:
    """NPE or FMPE on simulations of the prior, weighed exactly."""
    start, rng = time.process_time(), np.random.default_rng(seed)
    model = target.model
    cube = rng.random((SIMULATIONS, len(model.prior)))
    quantities = target.measurement.quantities
    central = np.array([q.central for q in quantities])
    sigma = np.array([0.5 * (q.plus + q.minus) for q in quantities])
    sign = np.sign(central)

    def transformed(x: np.ndarray) -> np.ndarray:
        return np.concatenate([np.log(sign[:2] * x[:, :2]), np.log(x[:, 2:] / (1 - x[:, 2:]))], 1)

    slope = np.concatenate([1 / central[:2], 1 / (central[2:] * (1 - central[2:]))])
    t = transformed(model.forward(model.prior.from_unit_cube(cube)))
    t += np.abs(slope) * sigma * rng.normal(size=t.shape)
    good = np.isfinite(t).all(axis=1)
    middle, spread = t[good].mean(axis=0), t[good].std(axis=0)
    with tempfile.TemporaryDirectory() as folder:
        source, answer = Path(folder) / "examples.npz", Path(folder) / "draws.npz"
        wanted = (transformed(central[None]) - middle) / spread
        np.savez(source, theta=ndtri(cube[good]), x=(t[good] - middle) / spread, wanted=wanted)
        subprocess.run(
            [python, "-c", WORKER, str(source), str(answer), method, str(seconds)],
            check=True,
            env=os.environ | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"},
        )
        made = np.load(answer)
    y, log_q = made["draws"].astype(float), made["log_q"].astype(float)
    theta = model.prior.from_unit_cube(np.clip(ndtr(y), 1e-15, 1 - 1e-15))
    # the density of the normal scores is that of the cube times the normal one; in the cube the
    # three heavy neutrinos have no order, which changes neither evidence nor solutions
    log_target = target.log_likelihood(theta) + norm.logpdf(y).sum(axis=1)
    known = np.isfinite(log_target) & np.isfinite(log_q)
    row = row_of(target, theta, draws=len(y), epochs=int(made["epochs"]))
    correction = correct(np.where(known, log_target, -np.inf), np.where(known, log_q, 0.0))
    return row | {
        "effective": correction.ess,
        "log_evidence": correction.log_evidence,
        "log_evidence_error": correction.log_evidence_error,
        "converged": correction.reliable,
        "cpu_seconds": float(made["cpu"]) + time.process_time() - start,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=list(NAMES), default=list(NAMES))
    parser.add_argument("--seconds", type=float, default=100.0)
    parser.add_argument("--sbi", default=None, help="Python with sbi; NPE and FMPE need it")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    for method in given.only:
        if method in ("npe", "fmpe"):
            if given.sbi is None:
                continue
            row = by_sbi(ready(), method, given.sbi, given.seconds, given.seed)
        else:
            try:
                outcome = within(7200.0, ready, sampled, method, given.seconds, given.seed)
                row = outcome.result
            except RuntimeError as error:  # killed at three times the limit, or it gave up
                said = str(error).strip().splitlines()[-1]
                if "its process died" not in said and "InputError" not in said:
                    raise
                row = {"stopped": True, "cpu_seconds": 3 * given.seconds, "said": said}
        rows = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
        write_json(RESULTS, rows | {method: row | {"allowed": given.seconds}})
    show(json.loads(RESULTS.read_text()))


def show(rows: dict[str, Any]) -> None:
    table = Table("method", "CPU s", "solutions/s", "effective/s", "ln Z", "says converged")
    for method, name in NAMES.items():
        row = rows.get(method)
        if row is None:
            continue
        seconds = row["cpu_seconds"]
        if row.get("stopped"):
            table.add_row(name, f"< {seconds:.0f}", "", "", "", "no answer: " + row["said"])
            continue
        z, error = row["log_evidence"], row["log_evidence_error"]
        table.add_row(
            name,
            f"{seconds:.0f}",
            f"{row['solutions'] / seconds:.3g}",
            f"{row['effective'] / seconds:.3g}",
            f"{z:.2f} +- {error:.2f}" if z is not None and np.isfinite(z) else "",
            "yes" if row["converged"] else "no",
        )
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
