r"""The founding paper's recipe, from its pairs to its draws (arXiv:2503.21432, sec. 3).

1. Pairs (G, L) of parameters and labels from the prior, 90 % to learn from, 10 % held out.
2. An hour-glass network learns the noise of a diffusion with a linear beta schedule, conditioned on
   the labels, which are dropped for a tenth of the examples.
3. Generation at L* by ancestral sampling, with classifier-free guidance of scale 8.
4. "Transfer learning": what was generated with a small chi-square is learned again, all weights
   free, starting from the first network's; then generation once more.

The draws are given as they come: nothing is removed, weighted or mended (but see
`founding_data.from_box` on those that are far away). They follow no posterior:
guidance of scale g draws roughly p(x|L)^g / p(x)^(g-1), and step 4 takes the last network's draws
for a prior (`rounds` accounts for it). So the recipe is here to be compared with, not to be used.
"""

from copy import deepcopy
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...base.errors import InputError
from ...base.files import save_arrays
from ...base.progress import progress
from ...base.seeds import stream
from ...core.draws import Draws
from ...core.target import Target
from .beyond import measure_beyond
from .labels import Labels, Selection, from_box, judged, to_box
from .stage_folder import StageFolder
from .steering import draw_steered

if TYPE_CHECKING:
    from ...flows.conditional_flow import ConditionalFlow
    from ...flows.flow_settings import FlowSettings, TrainSettings

_BLOCK = 4096  # draws that are generated, and kept, together
WARNING = (
    "These draws follow no posterior. They are what the founding paper's recipe generates, with "
    "its guidance and its transfer learning, nothing removed, weighted or mended; intervals "
    "describe them, not what the data say."
)


@dataclass(frozen=True)
class Recipe:
    """Numbers of the recipe; `problems.founding_paper.settings` says which are the paper's.

    Attributes:
        pairs: Pairs (G, L) from the prior.
        held_out: Fraction of them that is only validated on.
        widths: Of the hidden layers H1..H7.
        times: T of the diffusion.
        beta_first: beta_1, and
        beta_last: beta_T of the linear schedule.
        updates: Optimiser steps of every training.
        batch: Pairs an update.
        learning_rate: Largest one of OneCycleLR.
        dropout: Fraction of labels dropped.
        null_label: What a dropped label becomes: ``zeros`` of centred labels, which is the average
            label; ``apart``, zeros of labels that are not centred; or ``learned``, with a flag.
        guidance: Scale of classifier-free guidance.
        sampler: ``ancestral`` or ``ddim``.
        steps: Denoising steps.
        clip: How the estimate of the parameters is kept in the prior's box while denoising.
        interval: Part of the denoising time in which guidance acts.
        scan: Scales at which the last network's acceptance is measured too.
        scanned: Draws of each.
        transfers: Times that "transfer learning" is done.
        generated: Draws generated for each of them.
        transfer_guidance: Scale at which these are generated.
        transfer_updates: Optimiser steps of each.
        transfer_from: Weights that each starts from: of the ``first`` network, or the ``last``.
        selection: What of these is learned again.
        steered: Towards what the seesaw map corrects every step (`steering`), or ``none``.
        beyond: Draws of the last network that are steered and mended besides (`beyond`).
    """

    pairs: int = 100_000
    held_out: float = 0.1
    widths: tuple[int, ...] = (512, 256, 128, 64, 128, 256, 512)
    times: int = 1000
    beta_first: float = 1e-4
    beta_last: float = 0.02
    updates: int = 100_000
    batch: int = 64
    learning_rate: float = 1e-3
    dropout: float = 0.1
    null_label: str = "apart"
    guidance: float = 1.0
    sampler: str = "ddim"
    steps: int = 50
    clip: str = "box"
    interval: tuple[float, float] = (0.0, 1.0)
    scan: tuple[float, ...] = ()
    scanned: int = 100_000
    transfers: int = 4
    generated: int = 100_000
    transfer_guidance: float = 1.0
    transfer_updates: int = 15_000
    transfer_from: str = "last"
    selection: Selection = field(default_factory=Selection)
    steered: str = "none"
    beyond: int = 200

    def flow(self) -> "FlowSettings":
        """Diffusion, noise prediction, hour-glass network."""
        from ...flows.flow_settings import FlowSettings
        from ...flows.networks import NetworkSettings

        path = {
            "name": "vp",
            "steps": self.times,
            "beta_first": self.beta_first,
            "beta_last": self.beta_last,
            "discrete": True,
        }
        return FlowSettings(
            path=path,
            prediction="noise",
            network=NetworkSettings(
                "hour-glass",
                widths=self.widths,
                null="learned" if self.null_label == "learned" else "zeros",
            ),
            coordinates="affine",
            centred=self.null_label != "apart",
        )

    def train(self, seed: int, transfer: bool) -> "TrainSettings":
        """Adam with OneCycleLR; no averaging of weights, no clipping, the last weights kept."""
        from ...flows.flow_settings import TrainSettings

        updates = self.transfer_updates if transfer else self.updates
        return TrainSettings(
            steps=updates,
            batch=self.batch,
            learning_rate=self.learning_rate,
            schedule="one-cycle",
            ema=0.0,
            clip=1e9,
            dropout=self.dropout,
            precision="float32",
            validate_every=max(1, updates // 20),
            checkpoint_every=min(2000, max(1, updates // 5)),
            seed=seed,
        )


def run_recipe(
    target: Target,
    labels: Labels,
    draws: int,
    seed: int = 0,
    folder: Path | None = None,
    recipe: Recipe | None = None,
) -> Draws:
    """Follow the recipe and give the draws of its last network.

    Args:
        target: The seesaw, and the measurement that the draws are judged by.
        labels: The eleven labels.
        draws: Number of draws of the last network.
        seed: Seed of everything.
        folder: Where finished stages are kept, so that a killed run resumes and ends in the same
            draws; beside it are left ``founding-paper.npz`` (chi-squares by round) and the
            networks. None keeps nothing.
        recipe: Its numbers.

    Returns:
        The draws, as generated: equal weights, no effective size, no evidence.

    Raises:
        InputError: If nothing that was generated has labels to learn from.
    """
    recipe = recipe or Recipe()
    kept = StageFolder(folder)
    prior = target.model.prior
    with kept.timed("simulate"):
        pairs = kept.arrays("pairs.npz", lambda: _pairs(target, labels, recipe.pairs, seed))
    values = pairs["values"]
    with kept.timed("train"):
        flow = _train(None, to_box(prior, pairs["theta"]), values, labels, recipe, seed, 0, kept)
    first, books, chi2 = flow, [], []
    for number in range(1, recipe.transfers + 1):
        scale = recipe.transfer_guidance
        with kept.timed(f"generate for transfer {number}"):
            name = f"generated-{number}"
            theta = _generate(
                flow, target, labels, recipe.generated, recipe, scale, seed, name, kept
            )
        values = labels.values(theta)
        mass, mixing = labels.chi2(values)
        chi2.append((mass, mixing))
        book = judged(target, labels, theta)
        inside = np.isfinite(target.log_prior(theta))
        chosen, record = recipe.selection.choose(mass, mixing, inside)
        if not chosen.any():
            raise InputError(
                "founding-paper: nothing generated is in the prior with labels that are numbers; "
                "train for more updates, or lower the guidance"
            )
        books.append({"network": number - 1, "guidance": scale, **book, "learned_again": record})
        u = to_box(prior, theta[chosen])
        with kept.timed(f"transfer {number}"):
            start = first if recipe.transfer_from == "first" else flow
            flow = _train(start, u, values[chosen], labels, recipe, seed, number, kept)
    with kept.timed("generate"):
        theta = _generate(flow, target, labels, draws, recipe, recipe.guidance, seed, "draws", kept)
    values = labels.values(theta)
    chi2.append(labels.chi2(values))
    book = judged(target, labels, theta)
    books.append({"network": recipe.transfers, "guidance": recipe.guidance, **book})
    scan = []
    for scale in recipe.scan:
        with kept.timed(f"scale {scale:g}"):
            some = _generate(
                flow, target, labels, recipe.scanned, recipe, scale, seed, f"scale-{scale:g}", kept
            )
        scan.append({"guidance": scale, **judged(target, labels, some)})
    more = measure_beyond(flow, target, labels, recipe, seed, kept)
    if folder is not None:
        _leave(folder.parent, labels, values, chi2)
        for number in range(recipe.transfers + 1):
            for file in (folder / f"network-{number}").iterdir():
                place = folder.parent / "networks" / f"network-{number}" / file.name
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(file.read_bytes())
    last = books[-1]
    return Draws(
        theta=theta,
        log_weight=np.zeros(draws),
        log_prior=target.log_prior(theta),
        log_likelihood=target.log_likelihood(theta),
        log_evidence=float("nan"),
        log_evidence_error=float("nan"),
        raw_acceptance=last["five_observables_in_prior"]["value"],
        ess=float("nan"),
        converged=False,
        method="founding-paper",
        notes={
            "warning": WARNING,
            "parameters_of_network": flow.parameter_count,
            "rounds": books,
            "scan": scan,
            "beyond": more,
            "seconds_by_stage": kept.seconds,
            "recipe": asdict(recipe),
        },
    )


def _pairs(target: Target, labels: Labels, n: int, seed: int) -> dict[str, np.ndarray]:
    theta = target.model.prior.sample(n, stream(seed, "founding", "pairs"))
    values = labels.values(theta)
    good = np.isfinite(labels.condition(values)).all(axis=1)
    return {"theta": theta[good], "values": values[good]}


def _train(
    start: "ConditionalFlow | None",
    u: np.ndarray,
    values: np.ndarray,
    labels: Labels,
    recipe: Recipe,
    seed: int,
    number: int,
    kept: StageFolder,
) -> "ConditionalFlow":
    """Train a network, the first from nothing and later ones from the first's weights."""
    from ...flows.batches import ArrayExamples
    from ...flows.conditional_flow import ConditionalFlow
    from ...flows.torch_threads import one_thread
    from ..flavour.nufit import LABELS

    card = None if kept.path is None else kept.path / f"network-{number}" / "network.json"
    if card is not None and card.exists():
        return ConditionalFlow.load(card)
    condition = labels.condition(values)
    flow = ConditionalFlow(u.shape[1], LABELS, None, recipe.flow(), seed)
    ranges = None
    if start is not None:  # weights, and the scales of points and labels, are the first network's
        flow.denoiser.load_state_dict(start.denoiser.state_dict())
        flow.coordinates, flow.conditions = start.coordinates, deepcopy(start.conditions)
        ranges = dict(start.conditions.range)
    order = stream(seed, "founding", "split", number).permutation(len(u))
    held = max(1, round(recipe.held_out * len(u)))
    learn, check = order[held:], order[:held]
    if len(learn) == 0:
        learn = check
    with one_thread():
        flow.fit(
            ArrayExamples(u[learn], condition[learn], seed=seed),
            recipe.train(
                int(stream(seed, "founding", "train", number).integers(2**31)), start is not None
            ),
            validation=(u[check], condition[check]),
            condition_range=ranges,
            retrain="pontecorvo run founding-paper",
            checkpoint=None if kept.path is None else kept.path / f"training-{number}.safetensors",
            keep_scales=start is not None,
        )
    if card is not None:
        flow.save(card)
        return ConditionalFlow.load(card)  # the same object whether it was trained or found
    return flow


def _generate(
    flow: "ConditionalFlow",
    target: Target,
    labels: Labels,
    n: int,
    recipe: Recipe,
    guidance: float,
    seed: int,
    name: str,
    kept: StageFolder,
) -> np.ndarray:
    """Draws (n, 23) of a network at L*, block by block; `name` is that of their blocks."""
    wanted, prior = labels.condition(labels.wanted[None])[0], target.model.prior
    parts = []
    with progress(f"generate {name}", n) as advance:
        for index, start in enumerate(range(0, n, _BLOCK)):
            size = min(_BLOCK, n - start)

            def compute(index: int = index, size: int = size) -> dict[str, np.ndarray]:
                own = int(stream(seed, "founding", name, index).integers(2**63))
                if recipe.steered != "none":
                    theta = draw_steered(
                        flow,
                        labels,
                        prior,
                        size,
                        own,
                        sampler=recipe.sampler,
                        steps=recipe.steps,
                        guidance=guidance,
                        to=recipe.steered,
                    )
                    return {"theta": theta}
                drawn = flow.sample(
                    wanted,
                    size,
                    own,
                    sampler=recipe.sampler,
                    steps=recipe.steps,
                    guidance=guidance,
                    interval=recipe.interval,
                    clip=recipe.clip,
                )
                return {"theta": from_box(prior, drawn.u)}

            parts.append(kept.arrays(f"{name}-{index:05d}.npz", compute)["theta"])
            advance(size)
    return np.concatenate(parts)


def _leave(
    home: Path,
    labels: Labels,
    values: np.ndarray,
    chi2: list[tuple[np.ndarray, np.ndarray]],
) -> None:
    """Chi-squares by round, and the last round's pulls, for the report."""
    content = {}
    for number, (mass, mixing) in enumerate(chi2):
        content[f"masses_{number}"], content[f"mixings_{number}"] = mass, mixing
    save_arrays(home / "founding-paper.npz", pulls=labels.pulls(values), **content)
