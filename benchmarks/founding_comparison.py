"""What helps on the founding paper's label problem, and what does not: one table.

    python benchmarks/founding_comparison.py --networks runs/comparison --minutes 8  # repeat
    python benchmarks/founding_comparison.py --table                            # what is there

Samplers and guidance are compared on the networks of a full run (100,000 updates; a folder or link
``run`` in --networks with its ``network-0`` and ``network-1``). Kinds of networks are compared with
one another: each sees the same 100,000 pairs (unless its row says fresh) for the same 10,000
updates of 64 by Adam with OneCycleLR. Every row draws at L* for the same CPU time. Rows are
written to ``results/founding_comparison.json`` one by one and not done again; networks are kept in
--networks. Nothing is tuned on the outcome; seed 0 everywhere.

Acceptance: all eleven labels within 3 sigma (the founding paper's test; it reports 3.5e-6). Near:
all within 15 sigma, inside the prior. Seconds are CPU seconds of one thread; those of the training
are not in the price of a solution. Set OMP_NUM_THREADS and the like to 1 before.
"""

import argparse
import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console
from rich.table import Table
from torch import Tensor

from pontecorvo.base.files import write_json
from pontecorvo.base.seeds import stream
from pontecorvo.flows.batches import ArrayExamples, SimulatedExamples
from pontecorvo.flows.conditional_flow import ConditionalFlow
from pontecorvo.flows.flow_settings import FlowSettings, TrainSettings
from pontecorvo.flows.networks import NetworkSettings
from pontecorvo.flows.noise_schedules import PATHS, VariancePreserving, draw_base
from pontecorvo.flows.torch_threads import one_thread
from pontecorvo.problems.flavour.nufit import LABELS
from pontecorvo.problems.founding_paper.labels import from_box, judged, to_box
from pontecorvo.problems.founding_paper.settings import FoundingSettings
from pontecorvo.problems.founding_paper.steering import draw_steered

RESULTS = Path(__file__).parent / "results" / "founding_comparison.json"
UPDATES = 10_000
TRANSFER = 5_000  # updates of one more time of transfer learning, and
GENERATED = 24_000  # draws (25 steps; steered: 50) that it chooses from
_BLOCK = 2048
SETTINGS = FoundingSettings()
TARGET, LABELS11 = SETTINGS.target(), SETTINGS.labels(SETTINGS.target().model)
PRIOR = TARGET.model.prior
RECIPE = replace(SETTINGS.recipe(), updates=UPDATES)


class Cosine(VariancePreserving):
    """The cosine schedule of arXiv:2102.09672, which is even in the angle; it ends as the DDPM's.

    At its very end a = 0, where a prediction of the noise says nothing of the data.
    """

    name = "vp-cosine"

    def angle(self, t: Tensor) -> Tensor:
        """s = (t + 0.008) / 1.008 pi / 2."""
        return ((t + 0.008) / 1.008 * math.pi / 2).clamp_max(math.acos(6e-3))


PATHS[Cosine.name] = Cosine


@dataclass(frozen=True)
class Net:
    """A network to be trained: changes of the recipe's flow and training."""

    text: str
    flow: dict[str, Any] = field(default_factory=dict)
    train: dict[str, Any] = field(default_factory=dict)
    fresh: bool = False

    def settings(self) -> FlowSettings:
        """The flow's settings."""
        return replace(RECIPE.flow(), **self.flow)

    def training(self) -> TrainSettings:
        """How it is trained."""
        return replace(RECIPE.train(0, False), **self.train)


VP = {"name": "vp"}
LARGE = NetworkSettings("residual", width=384, blocks=4, embedding=128, null="zeros")
NETS = {
    "noise": Net("noise (the paper's: DDPM, linear beta, hour-glass)"),
    "velocity": Net("velocity", {"prediction": "velocity"}),
    "x0": Net("x0", {"prediction": "data"}),
    "cosine": Net("noise, cosine schedule", {"path": {"name": Cosine.name, "discrete": True}}),
    "flow matching": Net(
        "flow matching", {"path": {"name": "flow-matching"}, "prediction": "velocity"}
    ),
    "edm": Net("EDM: ve, preconditioned", {"path": {"name": "ve"}, "prediction": "velocity"}),
    "learned guidance": Net("model guidance, arXiv:2502.12154", {"model_guidance": 8.0}),
    "fresh": Net("noise, fresh pairs at every update", fresh=True),
    "large": Net("noise, residual network of 384 x 4", {"network": LARGE}),
    "all": Net(
        "velocity, residual network, fresh pairs, batches of 512, averaged weights",
        {"prediction": "velocity", "network": LARGE},
        {"batch": 512, "ema": 0.999},
        fresh=True,
    ),
}


@dataclass(frozen=True)
class Row:
    """A network and a way to draw from it."""

    net: str
    sampler: str = "ddim"
    steps: int = 50
    eta: float = 0.0
    guidance: float = 1.0
    interval: tuple[float, float] = (0.0, 1.0)
    clip: str = "box"
    steered: str = "none"

    @property
    def name(self) -> str:
        """As it stands in the table."""
        how = f"{self.sampler} {self.steps}" + (f", eta {self.eta:g}" if self.eta else "")
        scale = "no guidance" if self.guidance == 0 else f"scale {self.guidance:g}"
        if self.interval != (0.0, 1.0):
            scale += f" in {self.interval[0]:g}..{self.interval[1]:g}"
        return f"{self.net}; {how}; {scale}" + (
            "" if self.steered == "none" else f"; steered to {self.steered}"
        )


FULL = "full run"
OBSERVABLES = "observables"
ROWS = [
    *(Row(FULL, steps=k) for k in (4, 10, 25, 50, 250)),
    *(Row(FULL, steps=k, eta=1.0) for k in (10, 50)),
    Row(FULL, "ancestral", 1000),
    *(Row(FULL, "heun", k, clip="none") for k in (2, 5, 12, 25, 125)),
    *(Row(FULL, guidance=g) for g in (0, 2, 4, 8)),
    *(Row(FULL, guidance=g, interval=(0.1, 0.6)) for g in (2, 4, 8)),
    *(Row(FULL, steps=k, steered=OBSERVABLES) for k in (4, 10, 25, 50, 100)),
    Row(FULL, steps=50, eta=1.0, steered=OBSERVABLES),
    Row(FULL, guidance=0, steered=OBSERVABLES),
    Row(FULL, steered="labels"),
    *(Row(f"{FULL}, transfer {k}") for k in (1, 2)),
    Row(f"{FULL}, transfer 2 of the best tenth"),
    Row(f"{FULL}, transfer of steered draws"),
    Row(f"{FULL}, transfer of steered draws", eta=1.0),
    Row(FULL + ", transfer 1", steered=OBSERVABLES),
    Row("noise"),
    Row("noise", steered=OBSERVABLES),
    Row("velocity"),
    Row("velocity", steered=OBSERVABLES),
    Row("x0"),
    Row("flow matching"),
    Row("flow matching", "heun", 25, clip="none"),
    Row("edm"),
    Row("edm", "heun", 25, clip="none"),
    Row("distilled", steps=4),
    Row("cosine"),
    Row("fresh"),
    Row("large"),
    Row("all"),
    Row("all", steered=OBSERVABLES),
    Row("learned guidance"),
    Row("learned guidance", guidance=2.0),
]


def pairs(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """n pairs of points of the box and labels as the network is told them."""
    theta = PRIOR.sample(n + n // 50 + 8, rng)
    told = LABELS11.condition(LABELS11.values(theta))
    good = np.flatnonzero(np.isfinite(told).all(axis=1))[:n]
    return to_box(PRIOR, theta[good]), told[good]


def trained(name: str, home: Path) -> tuple[ConditionalFlow, float]:
    """The network of that name and the CPU seconds of its training (and of what it stands on)."""
    if name in (FULL, f"{FULL}, transfer 1"):
        number = 1 if name.endswith("1") else 0
        return ConditionalFlow.load(home / "run" / f"network-{number}" / "network.json"), math.nan
    card = home / name.replace(",", "").replace(" ", "-") / "network.json"
    book = card.parent / "seconds.json"
    if card.exists() and book.exists():
        return ConditionalFlow.load(card), json.loads(book.read_text())["seconds"]
    card.parent.mkdir(parents=True, exist_ok=True)
    if "transfer" in name:
        last, _ = trained(FULL if "steered" in name else f"{FULL}, transfer 1", home)
    elif name == "distilled":
        last, _ = trained(FULL, home)
    start = time.process_time()
    with one_thread():
        if "transfer" in name:
            quantile = 0.1 if name.endswith("tenth") else RECIPE.selection.quantile
            flow = transferred(last, 1.0 if "steered" in name else quantile, "steered" in name)
        elif name == "distilled":
            flow = distilled(last)
        else:
            net = NETS[name]
            flow = ConditionalFlow(len(PRIOR), LABELS, None, net.settings(), 0)
            u, told = pairs(stream(0, "founding-comparison"), RECIPE.pairs)
            examples: Any = ArrayExamples(u, told)
            if net.fresh:
                examples = SimulatedExamples(pairs, {"pairs": "fresh"}, 0)
            ranges = dict(
                zip(LABELS, zip(told.min(axis=0), told.max(axis=0), strict=True), strict=True)
            )
            flow.fit(examples, net.training(), condition_range=ranges, show=False)
    seconds = time.process_time() - start
    flow.save(card)
    write_json(book, {"seconds": seconds})
    return flow, seconds


def transferred(last: ConditionalFlow, quantile: float, steered: bool) -> ConditionalFlow:
    """One more time of transfer learning, from the last network's weights."""
    if steered:  # solutions, or nearly
        many = [draw_steered(last, LABELS11, PRIOR, _BLOCK, k) for k in range(GENERATED // _BLOCK)]
        theta = np.concatenate(many)
    else:
        theta = from_box(PRIOR, plain_draws(last, Row(FULL, steps=25), GENERATED, 1002))
    u = to_box(PRIOR, theta)
    values = LABELS11.values(theta)
    inside = np.isfinite(TARGET.log_prior(theta))
    selection = replace(RECIPE.selection, quantile=quantile, least=1000)
    kept, _ = selection.choose(*LABELS11.chi2(values), inside)
    flow = ConditionalFlow(len(PRIOR), LABELS, None, last.settings, 0)
    flow.denoiser.load_state_dict(last.denoiser.state_dict())
    flow.coordinates, flow.conditions = last.coordinates, last.conditions
    flow.fit(
        ArrayExamples(u[kept], LABELS11.condition(values[kept])),
        replace(RECIPE.train(2, True), steps=TRANSFER),
        condition_range=dict(last.conditions.range),
        keep_scales=True,
        show=False,
    )
    return flow


def distilled(teacher: ConditionalFlow, steps: int = 4, n: int = 40_000) -> ConditionalFlow:
    """A student of `steps` steps at L*: each learns where 16 of the teacher's end.

    Progressive distillation (arXiv:2202.00512) in one stage: the student's estimate of the data at
    its k-th time is the one whose deterministic step leads to the teacher's point at the next.
    """
    fine = 16 * (steps - 1) + 1
    path = teacher.denoiser.path
    wanted = LABELS11.condition(LABELS11.wanted[None])[0]
    told, truth, when = [], [], []
    with torch.no_grad():
        teaching = teacher.field(wanted)
        rng = torch.Generator().manual_seed(7)
        ladder = path.ladder(fine - 1)
        for _ in range(0, n, _BLOCK):
            x = draw_base((_BLOCK, teacher.dim), path, teacher.periodic, rng)
            begin = None
            for index, s in enumerate(ladder):
                level = path.level(s, teacher.periodic)
                if index % 16 == 0:  # one of the student's own times
                    if begin is not None:
                        a, b, point, time_ = begin
                        target = (x - level.b / b * point) / (level.a - level.b * a / b)
                        told, truth, when = [*told, point], [*truth, target], [*when, time_]
                    begin = (level.a, level.b, x, s)
                data, _ = level.data_and_noise(x, teaching.velocity(x, s))
                data = teacher.coordinates.clip(data, "box")
                if index + 1 == len(ladder):
                    told, truth, when = [*told, x], [*truth, data], [*when, s]
                    break
                after = path.level(ladder[index + 1], teacher.periodic)
                x = after.a * data + after.b * (x - level.a * data) / level.b
    settings = replace(teacher.settings, prediction="data")
    student = ConditionalFlow(teacher.dim, LABELS, None, settings, 1)
    student.coordinates, student.conditions = teacher.coordinates, teacher.conditions
    points, targets = torch.cat(told), torch.cat(truth)
    times = torch.stack(when).repeat_interleave(_BLOCK)
    optimiser = torch.optim.Adam(student.denoiser.parameters(), lr=1e-3)
    train = replace(RECIPE.train(0, False), batch=256)
    condition = student.standardised(wanted)
    rng = torch.Generator().manual_seed(8)
    for step in range(UPDATES):
        rows = torch.randint(len(points), (train.batch,), generator=rng)
        for group in optimiser.param_groups:
            group["lr"] = train.rate(step)[0]
        s = times[rows]
        level = path.level(s, teacher.periodic)
        context = student.denoiser.context(s, condition.expand(len(rows), -1))
        velocity = student.denoiser.velocity(points[rows], s, context)
        data, _ = level.data_and_noise(points[rows], velocity)
        loss = ((data - targets[rows]) ** 2).mean()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
    student.denoiser.eval()
    student.card["training"] = {"settings": {"dropout": 0.0}}
    return student


def plain_draws(flow: ConditionalFlow, row: Row, n: int, seed: int) -> np.ndarray:
    """Draws (n, 23) of the box by the engine's own samplers."""
    drawn = flow.sample(
        LABELS11.condition(LABELS11.wanted[None])[0],
        n,
        seed,
        sampler=row.sampler,
        steps=row.steps,
        eta=row.eta if row.sampler == "ddim" else None,
        clip=row.clip,
        guidance=row.guidance,
        interval=row.interval,
    )
    return drawn.u


def measured(row: Row, home: Path, seconds: float, most: int) -> dict[str, Any]:
    """Draw for that many CPU seconds and judge."""
    flow, training = trained(row.net, home)

    def draw(seed: int, n: int = _BLOCK) -> np.ndarray:
        if row.steered == "none":
            return from_box(PRIOR, plain_draws(flow, row, n, seed))
        more = {"steps": row.steps, "eta": row.eta, "guidance": row.guidance}
        more["to"] = row.steered
        return draw_steered(flow, LABELS11, PRIOR, n, seed, sampler=row.sampler, **more)

    draw(10**6, 16)  # compile, before the clock runs
    parts: list[np.ndarray] = []
    start = time.process_time()
    while time.process_time() - start < seconds and len(parts) * _BLOCK < most:
        parts.append(draw(len(parts)))
    spent = time.process_time() - start
    theta = np.concatenate(parts)
    book = judged(TARGET, LABELS11, theta)
    eleven = book["eleven_labels_in_prior"]
    hits = eleven["accepted"] or math.log(20)  # the 95 % bound where there is none
    return {
        **book,
        "net": row.net,
        "training_seconds": training if math.isfinite(training) else None,
        "drawing_seconds": spent,
        "seconds_per_draw": spent / len(theta),
        "seconds_per_solution": spent / hits,
        "solution_is_bound": eleven["accepted"] == 0,
        "parameters": flow.parameter_count,
    }


def fraction(share: dict[str, Any]) -> str:
    """A fraction with its error, or its upper limit."""
    if not share["accepted"]:
        return f"< {share['upper_95']:.1e}"
    return f"{share['value']:.2g} ± {share['error']:.1g}"


COLUMNS: dict[str, Callable[[dict[str, Any]], str]] = {
    "draws": lambda b: f"{b['in_prior']['of']:,}",
    "11 labels": lambda b: fraction(b["eleven_labels"]),
    "and in prior": lambda b: fraction(b["eleven_labels_in_prior"]),
    "5 observables": lambda b: fraction(b["five_observables_in_prior"]),
    "near": lambda b: fraction(b["near"]),
    "in prior": lambda b: f"{b['in_prior']['value']:.2f}",
    "chi2 2 masses": lambda b: f"{b['median_chi2_masses']:.2g}",
    "9 mixings": lambda b: f"{b['median_chi2_mixings']:.2g}",
    "diversity": lambda b: f"{b['diversity']:.2f}",
    "s/solution": lambda b: (
        ("> " if b["solution_is_bound"] else "") + f"{b['seconds_per_solution']:.2g}"
    ),
    "training s": lambda b: f"{b['training_seconds']:.0f}" if b["training_seconds"] else "",
}


def show(rows: dict[str, dict[str, Any]], markdown: bool) -> None:
    """Print what is there."""
    if markdown:
        print("| " + " | ".join(["network; sampler; guidance", *COLUMNS]) + " |")
        print("|---" * (1 + len(COLUMNS)) + "|")
        for name, book in rows.items():
            print("| " + " | ".join([name, *(text(book) for text in COLUMNS.values())]) + " |")
        return
    table = Table("network; sampler; guidance", *COLUMNS)
    for name, book in rows.items():
        table.add_row(name, *(text(book) for text in COLUMNS.values()))
    Console(width=200).print(table)


def known() -> dict[str, dict[str, Any]]:
    """The rows that are there."""
    found: dict[str, dict[str, Any]] = {}
    if RESULTS.exists():
        found = json.loads(RESULTS.read_text(encoding="utf-8"))
    return found


def main() -> None:
    """Do the rows that are missing, as long as there is time."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--networks", type=Path, default=Path("runs/founding-comparison"))
    parser.add_argument("--minutes", type=float, default=60.0, help="start no row after them")
    parser.add_argument("--seconds", type=float, default=4.0, help="CPU seconds of drawing a row")
    parser.add_argument(
        "--cpu", type=float, default=1e9, help="start no row after these CPU seconds"
    )
    parser.add_argument("--most", type=int, default=400_000, help="draws a row")
    parser.add_argument("--only", nargs="*", help="networks")
    parser.add_argument("--table", action="store_true", help="only print")
    parser.add_argument("--markdown", action="store_true")
    arguments = parser.parse_args()
    rows = known()
    began = time.monotonic()
    for row in [] if arguments.table else ROWS:
        late = time.monotonic() - began > 60 * arguments.minutes
        late |= time.process_time() > arguments.cpu
        if row.name in rows or late or (arguments.only and row.net not in arguments.only):
            continue
        book = measured(row, arguments.networks, arguments.seconds, arguments.most)
        rows = known() | {row.name: book}  # another process may have written meanwhile
        ordered = {r.name: rows[r.name] for r in ROWS if r.name in rows}
        write_json(RESULTS, ordered)
        print(row.name, fraction(rows[row.name]["eleven_labels"]), flush=True)
    show({r.name: rows[r.name] for r in ROWS if r.name in rows}, arguments.markdown)


if __name__ == "__main__":
    main()
