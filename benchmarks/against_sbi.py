"""Our flow against sbi 0.27's NPE, NPSE and FMPE: equal simulations, equal training time.

Everyone learns the same ten coordinates of the folded Casas-Ibarra chart given the five
observables, from the same examples, for the same wall-clock time on the same number of threads, one
after the other; and is then judged at one measurement, so sharp that its observables are all but
fixed (NuFIT's errors times `--sharpness`): ESS/N and k-hat as proposals with exact weights, and the
classifier two-sample test of the raw draws against exact draws. sbi's networks are its defaults;
its coordinates are the normal scores of the cube's (it has no periodic ones), ours as shipped.

sbi is installed in a virtual environment of its own (it wants other versions):

    python -m venv sbi && sbi/bin/pip install sbi==0.27.0
    python benchmarks/against_sbi.py --seconds 300 --examples 65536 --sbi sbi/bin/python
"""

import argparse
import os
import subprocess
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from reference import RESULTS, exact_draws, told_apart
from rich.console import Console
from rich.table import Table
from scipy.special import ndtr, ndtri
from scipy.stats import norm

from pontecorvo.base.files import write_json
from pontecorvo.core.measurement import GaussianMeasurement, Measured
from pontecorvo.core.settings import TrainingSettings
from pontecorvo.core.target import Target
from pontecorvo.problems.flavour.nufit import nufit
from pontecorvo.problems.seesaw.model import Seesaw
from pontecorvo.samplers.correction import correct
from pontecorvo.sbi.amortised import NetworkOptions, conditioned_chart, propose
from pontecorvo.sbi.training_draws import posterior_examples
from pontecorvo.study.catalog import load_problem
from pontecorvo.study.network_training import flow_settings, train_settings

OURS = {"ours": "ours", "ours-plain": "ours, not told the Yukawas' moduli"}
# run by the other environment's Python; data come and go as .npz
WORKER = """
import sys, time
import numpy as np
import torch
from sbi.inference import FMPE, NPE, NPSE

source, target, method, seconds, draws, batch, threads = sys.argv[1:8]
torch.set_num_threads(int(threads))
torch.manual_seed(1)
data = np.load(source)
theta, x = (torch.tensor(data[k], dtype=torch.float32) for k in ("theta", "x"))
wanted = torch.tensor(data["wanted"], dtype=torch.float32)
make = {"npe": NPE, "npse": NPSE, "fmpe": FMPE}[method]
trainer = make(prior=None, show_progress_bars=False)
trainer.append_simulations(theta, x)
start, epochs = time.time(), 0
while time.time() - start < float(seconds):
    trainer.train(training_batch_size=int(batch), max_num_epochs=epochs + 1,
                  stop_after_epochs=10**6, resume_training=epochs > 0)
    epochs += 1
spent = time.time() - start
size = theta.shape[1]
prior = torch.distributions.MultivariateNormal(torch.zeros(size), 9 * torch.eye(size))
posterior = trainer.build_posterior(prior=prior)
n, parts, logs = int(draws), [], []
start = time.time()
for low in range(0, n, 500):
    points = posterior.sample((min(500, n - low),), x=wanted, show_progress_bars=False)
    parts.append(points)
    logs.append(posterior.log_prob(points, x=wanted).detach())
np.savez(target, draws=torch.cat(parts).numpy(), log_q=torch.cat(logs).numpy(), epochs=epochs,
         seconds=spent, sampling=time.time() - start)
"""


def sharp(measurement: GaussianMeasurement, factor: float) -> GaussianMeasurement:
    """The same central values with smaller errors."""
    quantities = [
        Measured(q.name, q.central, w) for q in measurement.quantities for w in [q.sigma * factor]
    ]
    return GaussianMeasurement(quantities, "gaussian", source="sharp")


def train_ours(
    model: Seesaw,
    training: TrainingSettings,
    u: np.ndarray,
    condition: np.ndarray,
    chart: Any,
    seconds: float,
) -> tuple[Any, float, int]:
    """Our flow for a given time: the learning-rate schedule is set by a trial of its speed."""
    from dataclasses import replace

    from pontecorvo.flows.batches import SimulatedExamples
    from pontecorvo.flows.conditional_flow import ConditionalFlow

    def source(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
        rows = rng.integers(0, len(u), n)
        points = u[rows]
        points = np.where(rng.random((n, 1)) < 0.5, chart.mirror(points), points)
        return points[:, chart.learned], condition[rows]

    def fit(steps: int) -> tuple[Any, float]:
        flow = ConditionalFlow(
            chart.learned.stop - chart.learned.start,
            chart.conditions,
            chart.periodic[chart.learned],
            flow_settings(training, model.name),
        )
        settings = replace(
            train_settings(training), steps=steps, validate_every=steps, warmup=min(200, steps // 5)
        )
        start = time.perf_counter()
        flow.fit(SimulatedExamples(source, {}, 1, block=4), settings, show=False)
        return flow, time.perf_counter() - start

    fit(4)  # warm
    pace = fit(40)[1] / 40
    steps = max(40, int(seconds / pace))
    flow, spent = fit(steps)
    return flow, spent, steps


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ordering", choices=("no", "io"), default="no")
    parser.add_argument("--examples", type=int, default=65_536)
    parser.add_argument("--seconds", type=float, default=300, help="of training, each")
    parser.add_argument("--draws", type=int, default=2000)
    parser.add_argument("--sharpness", type=float, default=0.02)
    parser.add_argument("--proposals", type=int, default=1 << 21, help="of the exact sampler")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--methods", default="ours,ours-plain,npe,npse,fmpe")
    parser.add_argument("--sbi", default="sbi/bin/python")
    options = parser.parse_args()
    model = Seesaw(options.ordering)
    training = TrainingSettings()
    broad = load_problem(f"seesaw-{options.ordering}").training_target()
    wide = conditioned_chart(broad)
    u = posterior_examples(broad, wide, options.examples, proposals=options.proposals)
    u = u[: options.examples]
    condition = wide.condition(u)
    target = Target(model, sharp(nufit(options.ordering), options.sharpness))
    chart = conditioned_chart(target)
    wanted = np.array(
        [
            next(q.central for q in target.measurement.quantities if q.name == name)
            for name in chart.conditions
        ]
    )
    exact = exact_draws(target, 2 * options.draws, options.proposals)
    floor = told_apart(target, exact[: options.draws], exact[options.draws :])

    def judge(flow: Any) -> dict[str, Any]:
        raw = propose(flow, target, chart, options.draws, 1, NetworkOptions())
        inside = np.isfinite(raw.log_volume)
        log_target = np.full(len(inside), -np.inf)
        log_target[inside] = raw.log_volume[inside] + target.log_likelihood(raw.theta[inside])
        worth = correct(log_target, raw.log_q)
        accuracy, error = told_apart(target, raw.theta[inside], exact[: options.draws])
        return {
            "ess_fraction": worth.efficiency,
            "k_hat": worth.k_hat,
            "two_sample": accuracy,
            "two_sample_error": error,
            "in_prior": float(inside.mean()),
        }

    rows: dict[str, dict[str, Any]] = {}
    for method in options.methods.split(","):
        if method.startswith("ours"):
            own = training.model_copy(update={"features": method == "ours"})
            flow, spent, steps = train_ours(model, own, u, condition, wide, options.seconds)
            rows[method] = {**judge(flow), "train_seconds": spent, "passes": steps}
        else:
            with tempfile.TemporaryDirectory() as folder:
                source, answer = Path(folder) / "train.npz", Path(folder) / "draws.npz"
                script = Path(folder) / "worker.py"
                script.write_text(WORKER)
                both = np.concatenate([u, wide.mirror(u)])  # the symmetry, told as twice the data
                theta = ndtri(np.clip(both[:, wide.learned], 1e-7, 1 - 1e-7))
                scale = condition.mean(axis=0), condition.std(axis=0)
                x = (np.concatenate([condition, condition]) - scale[0]) / scale[1]
                np.savez(source, theta=theta, x=x, wanted=(wanted - scale[0]) / scale[1])
                arguments = [source, answer, method, options.seconds, options.draws, 200]
                command = [options.sbi, script, *arguments, options.threads]
                # as ours: PyTorch's threads sleep while they wait, on a machine that is shared
                quiet = {**os.environ, "OMP_WAIT_POLICY": "PASSIVE", "PYTHONPATH": ""}
                done = subprocess.run(
                    [str(c) for c in command], capture_output=True, text=True, env=quiet
                )
                if done.returncode:
                    rows[method] = {"failed": (done.stderr.strip().splitlines() or ["?"])[-1]}
                    print(done.stderr[-2000:])
                    continue
                with np.load(answer) as content:
                    z, log_q = content["draws"].astype(float), content["log_q"].astype(float)
                    about = {
                        "train_seconds": float(content["seconds"]),
                        "passes": int(content["epochs"]),
                        "sampling_seconds": float(content["sampling"]),
                    }
            drawn = SimpleNamespace(
                u=ndtr(z), log_density=log_q - norm.logpdf(z).sum(axis=1), settings={}, report=None
            )
            # given as a flow, so that everyone goes through the same chart and weights
            ends = {name: (-np.inf, np.inf) for name in chart.conditions}
            flow = SimpleNamespace(
                conditions=SimpleNamespace(range=ends), sample=lambda *a, d=drawn, **k: d
            )
            rows[method] = {**judge(flow), **about}
        print(method, rows[method], flush=True)
    table = Table(title=f"{options.examples} examples, {options.seconds:g} s of training each")
    for column in ("method", "ESS/N", "k-hat", "two-sample", "in prior", "train s", "passes"):
        table.add_column(column, justify="left" if column == "method" else "right")
    table.add_row("exact", "1", "", f"{floor[0]:.3f} ± {floor[1]:.3f}", "", "", "")
    for name, row in rows.items():
        title = OURS.get(name, f"sbi {name.upper()}")
        if "failed" in row:
            table.add_row(title, "failed: " + row["failed"], *[""] * 5)
            continue
        table.add_row(
            title,
            f"{row['ess_fraction']:.4f}",
            f"{row['k_hat']:.2f}",
            f"{row['two_sample']:.3f} ± {row['two_sample_error']:.3f}",
            f"{row['in_prior']:.3f}",
            f"{row['train_seconds']:.0f}",
            f"{row['passes']} {'steps' if name in OURS else 'epochs'}",
        )
    Console().print(table)
    settings = {k: getattr(options, k) for k in ("examples", "seconds", "draws", "sharpness")}
    write_json(RESULTS / f"against_sbi_{options.ordering}.json", {"settings": settings, **rows})


if __name__ == "__main__":
    main()
