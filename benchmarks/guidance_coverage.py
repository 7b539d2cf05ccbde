"""Does a posterior drawn at the founding paper's guidance scale of 8 cover? Beside scale 1.

Two cases, simulated data sets with known truth in both.

* ``toy``: the specimen of `diagnostics.test_posteriors` (one normal parameter, one with two
  modes), whose posterior is known exactly. A small diffusion network learns it with 10 % of the
  labels dropped, and is asked at scales 1, 2, 4 and 8. *Accepted*: the noiseless prediction is
  within one sigma of both data, the founding paper's kind of test. *Diversity*: spread over the
  exact posterior's. *Both modes*: data sets whose draws hold at least a tenth in either mode.
* ``seesaw-no``, ``seesaw-io``: the shipped networks, as `pontecorvo check` asks them.

Coverage is that of highest-density regions of the draws' own density, raw and with importance
weights. A killed run resumes from the folder ``pontecorvo-benchmarks`` under the system's temporary
directory.

    python benchmarks/guidance_coverage.py --draw docs/figures/guidance-coverage.png
"""

import argparse
import json
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from reference import RESULTS

from pontecorvo.base.files import write_json
from pontecorvo.base.progress import progress
from pontecorvo.base.seeds import stream
from pontecorvo.diagnostics import test_posteriors as specimens
from pontecorvo.diagnostics.calibration_set import Trials
from pontecorvo.diagnostics.expected_coverage import coverage
from pontecorvo.diagnostics.random_points import tarp
from pontecorvo.diagnostics.rank_uniformity import sbc
from pontecorvo.flows.batches import ArrayExamples
from pontecorvo.flows.conditional_flow import ConditionalFlow
from pontecorvo.flows.flow_settings import TrainSettings
from pontecorvo.flows.torch_threads import one_thread
from pontecorvo.sbi.flow_estimator import make_settings
from pontecorvo.study.catalog import load_problem
from pontecorvo.study.network_trials import network_answers

SCALES = {"toy": (1.0, 2.0, 4.0, 8.0), "seesaw-no": (1.0, 8.0), "seesaw-io": (1.0, 8.0)}
HALF = 8.0  # the toy's parameters lie in [-8, 8]
NODES = 12
LEVELS = np.linspace(0, 1, 41)
STAGES = Path(tempfile.gettempdir()) / "pontecorvo-benchmarks"


def toy_network(steps: int, seed: int) -> ConditionalFlow:
    """A small diffusion network of the specimen, its labels dropped one time in ten."""
    theta, data = specimens.simulate(100_000, stream(seed, "toy"))
    flow = ConditionalFlow(2, ["x0", "x1"], settings=make_settings("diffusion"), seed=seed)
    train = TrainSettings(
        steps=steps, batch=256, learning_rate=2e-3, ema=0.995, dropout=0.1, seed=seed
    )
    ends = {f"x{k}": (float(c.min()) - 9, float(c.max()) + 9) for k, c in enumerate(data.T)}
    with one_thread():
        flow.fit(
            ArrayExamples(0.5 * (1 + theta / HALF), data, seed=seed),
            train,
            condition_range=ends,
            show=False,
        )
    return flow


def toy_trials(
    flow: ConditionalFlow, scale: float, simulations: int, draws: int, seed: int
) -> tuple[Trials, float]:
    """The network's answers at one scale, weighted by the exact posterior.

    Also the median change of the answers' log density with twice the nodes.
    """
    rng = stream(seed, "toy-trials")
    truth, data = specimens.simulate(simulations, rng)
    rows = np.repeat(data, draws, axis=0)
    with one_thread():
        drawn = flow.sample(
            rows, len(rows), seed, with_density=True, guidance=scale, nodes=NODES, check=64
        )
        own = flow.log_density(0.5 * (1 + truth / HALF), data, nodes=NODES, guidance=scale)
    theta = (HALF * (2 * drawn.u - 1)).reshape(simulations, draws, 2)
    log_q = drawn.log_density.reshape(simulations, draws)
    exact = specimens.log_density(theta, data, specimens.FAULTS["right"])
    exact_own = specimens.log_density(truth[:, None], data, specimens.FAULTS["right"])[:, 0]
    assert drawn.report is not None
    trials = Trials(
        truth=truth,
        draws=theta,
        log_weights=exact - log_q,
        truth_log_weight=exact_own - own,
        log_density=log_q,
        truth_log_density=own,
        data=data,
        names=("theta_1", "theta_2"),
    )
    return trials, drawn.report.log_density_median


def toy_figures(trials: Trials) -> dict[str, float]:
    """Acceptance, diversity and modes of the raw draws; those of exact draws beside them."""
    rng = stream(0, "exact-toy")
    right = specimens.FAULTS["right"]
    exact = specimens.draw(trials.data, trials.draws.shape[1], right, rng)
    result = {}
    spreads = []
    for name, draws in (("", trials.draws), ("exact_", exact)):
        prediction = np.stack([np.abs(draws[..., 0]), draws[..., 1]], axis=-1)
        near = np.all(np.abs(prediction - trials.data[:, None]) < 0.5, axis=-1)
        positive = np.mean(draws[..., 0] > 0, axis=1)
        spreads.append(np.sqrt(np.mean(prediction.var(axis=1), axis=0)))
        result[f"{name}accepted"] = float(near.mean())
        result[f"{name}both_modes"] = float(np.mean((positive > 0.1) & (positive < 0.9)))
    result["diversity"] = float(np.exp(np.mean(np.log(spreads[0] / spreads[1]))))
    return result


def judged(trials: Trials) -> dict[str, Any]:
    """Coverage at every level with its binomial error, and what the tests say."""
    verdict = coverage(trials)
    inside = verdict.arrays["credibility"]
    shares = {
        f"{level:g}": [
            float(np.mean(inside <= level)),
            float(np.sqrt(level * (1 - level) / len(inside))),
        ]
        for level in (0.68, 0.9, 0.95)
    }
    tests = {"coverage": verdict, "sbc": sbc(trials), "tarp": tarp(trials)}
    return {
        "covered": shares,
        "curve": [float(np.mean(inside <= level)) for level in LEVELS],
        "tests": {k: {"p_value": v.p_value, "passed": bool(v.passed)} for k, v in tests.items()},
    }


def row(scale: float, trials: Trials, raw: Trials, left_out: int = 0) -> dict[str, Any]:
    """Everything about one network at one scale, by its weighted and its raw draws."""
    usable = np.isfinite(trials.log_weights).any(axis=1)
    weights = np.exp(trials.log_weights[usable] - trials.log_weights[usable].max(1, keepdims=True))
    kish = weights.sum(axis=1) ** 2 / (weights**2).sum(axis=1) / weights.shape[1]
    if np.any(trials.log_density == -np.inf):  # draws outside the prior are no draws of it
        raw = replace(raw, log_weights=np.where(trials.log_density > -np.inf, 0.0, -np.inf))
    return {
        "scale": scale,
        "data_sets_without_weight": left_out + int(np.sum(~usable)),
        "ess_fraction": {"median": float(np.median(kish)), "lowest": float(kish.min())},
        "raw": judged(raw.subset(usable)),
        "weighted": judged(trials.subset(usable)),
    }


def measure(case: str, options: argparse.Namespace) -> list[dict[str, Any]]:
    rows = []
    flow = toy_network(options.steps, options.seed) if case == "toy" else None
    with progress(case, len(SCALES[case])) as advance:
        for scale in SCALES[case]:
            start = time.process_time()
            if flow is not None:
                trials, error = toy_trials(
                    flow, scale, options.simulations, options.draws, options.seed
                )
                one = row(scale, trials, trials.unweighted()) | toy_figures(trials)
                one |= {"density_error": error}
            else:
                numbers = (options.simulations, options.draws, options.seed, f"{scale:g}")
                stages = STAGES / "-".join(map(str, (case, *numbers)))
                asked = (load_problem(case), options.simulations, options.draws, options.seed)
                answers = network_answers(*asked, stages, scale)
                one = row(scale, answers.trials, answers.raw, answers.left_out)
            rows.append(one | {"cpu_seconds": time.process_time() - start})
            advance()
    return rows


def show(results: dict[str, Any]) -> None:
    for case, rows in results.items():
        print(case)
        for one in rows:
            extra = [
                f"{k} {one[k]:.3f}" for k in ("accepted", "diversity", "both_modes") if k in one
            ]
            print(f"  scale {one['scale']:g}: ESS/N {one['ess_fraction']['median']:.3f}", *extra)
            for kind in ("raw", "weighted"):
                shares = {k: f"{100 * v[0]:.1f} %" for k, v in one[kind]["covered"].items()}
                tests = {k: f"{v['p_value']:.2g}" for k, v in one[kind]["tests"].items()}
                print(f"    {kind:8} covered {shares} p {tests}")


def draw(results: dict[str, Any], path: Path) -> None:
    """Coverage against credibility, raw draws; and what guidance buys in the toy."""
    from matplotlib.figure import Figure

    from pontecorvo.report.style import BLUE, GREEN, GREY, INK, ORANGE, VERMILLION, styled

    colours = {1.0: BLUE, 2.0: GREEN, 4.0: ORANGE, 8.0: VERMILLION}
    titles = {"toy": "diffusion, known posterior", "seesaw-no": "shipped network, normal ordering"}

    @styled
    def picture() -> None:
        figure = Figure(figsize=(12.0, 4.2), layout="constrained")
        panels = figure.subplots(1, 3)
        for ax, (case, title) in zip(panels, titles.items(), strict=False):
            band = 2 * np.sqrt(LEVELS * (1 - LEVELS) / 1000)
            ax.fill_between(LEVELS, LEVELS - band, LEVELS + band, color=GREY, alpha=0.25, lw=0)
            ax.plot([0, 1], [0, 1], color=INK, lw=0.8)
            for one in results.get(case, []):
                label = f"scale {one['scale']:g}"
                colour = colours[one["scale"]]
                ax.plot(LEVELS, one["raw"]["curve"], color=colour, label=label)
            ax.set(xlim=(0, 1), ylim=(0, 1), xlabel="credibility of the region", title=title)
            ax.set_ylabel("share of the truths inside")
            ax.legend(loc="upper left")
        ax, toy = panels[2], results["toy"]
        scales = [one["scale"] for one in toy]
        for key, label, colour, marker in (
            ("accepted", "accepted (within 1 sigma of both data)", INK, "o"),
            ("diversity", "spread, over the exact posterior's", BLUE, "s"),
            ("both_modes", "data sets with both modes", GREEN, "^"),
        ):
            ax.plot(scales, [one[key] for one in toy], marker + "-", color=colour, label=label)
        covered = [one["raw"]["covered"]["0.9"][0] for one in toy]
        ax.plot(scales, covered, "D-", color=VERMILLION, label="covered by 90 % regions")
        ax.axhline(0.9, color=VERMILLION, lw=0.8, ls=":")
        ax.set_xscale("log", base=2)
        ax.set_xticks(scales, [f"{s:g}" for s in scales])
        ax.minorticks_off()
        ax.set(ylim=(0, 1.55), xlabel="guidance scale", title="what guidance buys, and costs")
        ax.set_yticks(np.arange(0, 1.01, 0.2))
        ax.legend(loc="upper right", fontsize=10)
        figure.savefig(path, dpi=200, metadata={"Software": None})

    picture()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", nargs="*", choices=list(SCALES), default=["toy", "seesaw-no"])
    parser.add_argument("--simulations", type=int, default=1000)
    parser.add_argument("--draws", type=int, default=30)
    parser.add_argument("--steps", type=int, default=4000, help="of the toy's training")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--draw", type=Path, help="write the figure here")
    options = parser.parse_args()
    out = RESULTS / "guidance_coverage.json"
    asked = {name: getattr(options, name) for name in ("simulations", "draws", "steps", "seed")}
    known = json.loads(out.read_text()) if out.is_file() else {}
    results = known["cases"] if known.get("settings") == asked else {}
    for case in options.cases:
        if case not in results:
            results[case] = measure(case, options)
            write_json(out, {"settings": asked, "levels": LEVELS.tolist(), "cases": results})
    show(results)
    if options.draw:
        draw(results, options.draw)


if __name__ == "__main__":
    main()
