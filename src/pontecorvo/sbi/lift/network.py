r"""Amortised networks for any model: a broad cloud is learned, the lift makes it sharp.

The network knows q(theta | c): what the parameters are, given transformed observables c that were
smeared by a width omega it can resolve. At the time of asking, c is the measured value, its draws
are carried to the measurement by a lift whose factors are read off the draws themselves, and the
density follows exactly:

    log w = log prior(theta') + log L(theta') - [log q(theta | c) - log abs(d theta'/d theta)].

An observable whose error is larger than omega is not contracted. Its c is drawn from a normal
density p(c) of width sqrt(sigma^2 + omega^2), and the weight is multiplied by
N(c; T(theta'), omega) / p(c): that of the joint draw of c and theta, exact for any p.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...base.errors import InputError, suggest
from ...base.files import read_json
from ...base.seeds import stream
from ...core.model import Model
from ...core.target import Target
from ...samplers.smc import SMCSettings
from .examples import LiftExamples, SoftBox, box_draws, condition_names, conditions_of
from .lift import Lift, LiftSettings
from .network_features import LiftFeatures, helpful
from .observables import Transforms

if TYPE_CHECKING:
    from ...flows.conditional_flow import ConditionalFlow
    from ...flows.flow_settings import FlowSettings, TrainSettings

_OTHER = (
    "lift network: was trained for another model or prior; train one for this, or use --method lift"
)
_BOX = 3.0  # widths omega by which the examples reach beyond the range


@dataclass(frozen=True)
class LiftTraining:
    """How a lift network is trained.

    Attributes:
        reach: Width of the cloud that is learned, as a move in prior standard deviations (see
            `lift.LiftSettings`); what a network resolves.
        ranges: Lowest and highest measured value of each observable that the network shall serve,
            by name; by default the 3 sigma range, half as wide again.
        examples: Draws of the box that are kept; noise and symmetries are drawn anew a batch.
        flow: The network; None for the default.
        features: Whether the network is told residuals and velocity of the lift at each point
            (`network_features`); None: where derivatives are cheap.
        train: Its training; None for the default.
        smc: Effort of the annealing into the box; None for the default.
    """

    reach: float = 0.2
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    examples: int = 400_000
    flow: "FlowSettings | None" = None
    features: bool | None = None
    train: "TrainSettings | None" = None
    smc: SMCSettings | None = None


class LiftNetwork:
    """A trained network, and what it is for.

    Args:
        flow: The conditional density on the cube of the lift's coordinates.
        about: ``observables``; ``kinds``, ``periods`` and ``signs`` of their transforms; ``omega``,
            ``low`` and ``high`` in them; ``model``: the description of the model.
    """

    def __init__(self, flow: "ConditionalFlow", about: Mapping[str, Any]) -> None:
        self.flow = flow
        self.about = dict(about)
        self.names = tuple(about["observables"])
        self.transforms = _transforms(about)
        self.omega, self.low, self.high = (
            np.array(about[name], dtype=float) for name in ("omega", "low", "high")
        )

    def save(self, path: Path | str) -> Path:
        """Write the network; returns the path of its card."""
        self.flow.card["calibration"] = {"lift": self.about}
        return self.flow.save(path)

    @classmethod
    def load(cls, path: Path | str, model: Model) -> "LiftNetwork":
        """Read a network.

        Args:
            path: Its card.
            model: The model that it was trained for, whose observables it may read.

        Raises:
            InputError: If it is damaged, no lift network, or one of another model.
        """
        from ...flows.conditional_flow import ConditionalFlow

        card = Path(path if str(path).endswith(".json") else f"{path}.json")
        about = read_json(card).get("calibration", {})
        about = about.get("lift") if isinstance(about, dict) else None
        odd = InputError(f"network {path}: its card does not describe a lift network")
        features = None
        if isinstance(about, dict) and about.get("features"):
            _refuse_names(tuple(about.get("observables", ())), model)
            if not network_model(model, about):
                raise InputError(_OTHER)
            try:
                features = LiftFeatures.of_card(model, about, _transforms(about))
            except (TypeError, KeyError, ValueError, AttributeError):
                raise odd from None
        flow = ConditionalFlow.load(path, features)
        try:
            return cls(flow, about or {})
        except (TypeError, KeyError, ValueError):
            raise odd from None

    def check_names(self, target: Target) -> None:
        """Refuse a model whose observables the network was not trained for.

        Raises:
            InputError: It names both.
        """
        _refuse_names(self.names, target.model)

    def check(self, lift: Lift) -> None:
        """Refuse a target that the network was not trained for.

        Raises:
            InputError: It names what differs, and the range.
        """
        if self.about["model"] != lift.target.model.describe():
            raise InputError(_OTHER)
        centre = lift.transforms.difference(lift.centre[None], 0.5 * (self.low + self.high))[0]
        outside = np.abs(centre) > 0.5 * (self.high - self.low) * (1 + 1e-9)
        if outside.any():
            first = int(outside.argmax())
            ends = self.transforms.inverse(np.stack([self.low, self.high]))[:, first]
            value = self.transforms.inverse(lift.centre[None])[0, first]
            raise InputError(
                f"lift network: {self.names[first]} = {value:.6g} leaves the range "
                f"[{ends[0]:.6g}, {ends[1]:.6g}] it was trained for; train one for a wider range, "
                "or use --method lift"
            )

    def condition(self, t: np.ndarray) -> np.ndarray:
        """Conditions (N, C) of transformed values (N, m), within the network's own range."""
        values = conditions_of(t, self.transforms)
        for column, name in enumerate(self.flow.conditions.names):
            low, high = self.flow.conditions.range[name]
            values[:, column] = np.clip(values[:, column], low, high)
        return values


def train_lift_network(
    target: Target,
    seed: int = 0,
    folder: Path | None = None,
    settings: LiftTraining | None = None,
    show: bool | None = None,
) -> LiftNetwork:
    """Train a network that serves a range of measurements of a model.

    Args:
        target: Model and a measurement; its errors say which widths matter.
        seed: Seed of everything.
        folder: Where finished stages and the training's checkpoint are kept.
        settings: How.
        show: Live table or not.

    Returns:
        The network; not saved.

    Raises:
        InputError: If the model cannot be lifted, or a range makes no sense.
    """
    from ...flows.conditional_flow import ConditionalFlow
    from ...flows.flow_settings import TrainSettings

    settings = settings or LiftTraining()
    lift = Lift(target, LiftSettings(reach=settings.reach), seed)
    omega = lift.k * lift.sigma
    angle = np.isfinite(lift.transforms.periods)
    omega[angle] = np.minimum(omega[angle], lift.transforms.periods[angle] / 12)
    low, high = _ranges(lift, settings.ranges)
    half = np.where(angle, 0.5 * np.nan_to_num(lift.transforms.periods), np.inf)
    middle, reach = 0.5 * (low + high), np.minimum(0.5 * (high - low) + _BOX * omega, half)
    box = SoftBox(lift.transforms, middle - reach, middle + reach, omega)
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    theta, notes = box_draws(target.model, box, settings.examples, seed, folder, settings.smc)
    held_out = max(len(theta) // 50, 1)
    rows = stream(seed, "lift", "split").permutation(len(theta))
    examples, other = (
        LiftExamples(target.model, theta[part], lift.transforms, omega, seed)
        for part in (rows[held_out:], rows[:held_out])
    )
    told, shape = None, settings.flow or default_flow()
    wanted = settings.features
    if helpful(target.model, lift.derivatives) if wanted is None else wanted:
        told = LiftFeatures(target.model, lift.transforms, omega, lift.free)
        shape = replace(shape, network=replace(shape.network, given=told.size))
    flow = ConditionalFlow(
        lift.coordinates.dim,
        condition_names(lift.names, lift.transforms),
        lift.coordinates.periodic,
        shape,
        seed,
        told,
    )
    flow.fit(
        examples,
        settings.train or TrainSettings(dropout=0.0, seed=seed),
        validation=other.sample(held_out),
        checkpoint=None if folder is None else folder / "training.safetensors",
        show=show,
    )
    flow.card["training"]["box"] = {"settings": box.describe(), "smc": notes}
    about = {
        "observables": list(lift.names),
        "kinds": list(lift.transforms.kinds),
        "periods": [None if np.isnan(p) else float(p) for p in lift.transforms.periods],
        "signs": lift.transforms.signs.tolist(),
        "omega": omega.tolist(),
        "low": low.tolist(),
        "high": high.tolist(),
        "model": target.model.describe(),
        "settings": {"reach": settings.reach, "examples": settings.examples},
    }
    if told is not None:
        about["features"] = told.describe()
    return LiftNetwork(flow, about)


def _transforms(about: Mapping[str, Any]) -> Transforms:
    """Transforms of the observables, as a card describes them."""
    periods = [np.nan if p is None else float(p) for p in about["periods"]]
    return Transforms(
        tuple(about["kinds"]), np.array(periods), np.array(about["signs"], dtype=float)
    )


def _refuse_names(trained: tuple[str, ...], model: Model) -> None:
    names = tuple(q.name for q in model.observables)
    if names != trained:
        raise InputError(
            f"lift network: was trained for {', '.join(trained)}, not for {', '.join(names)}; "
            "train one for this measurement, or use --method lift"
        )


def default_flow() -> "FlowSettings":
    """The network that is trained unless another is asked for."""
    from ...flows.flow_settings import FlowSettings
    from ...flows.networks import NetworkSettings

    return FlowSettings(network=NetworkSettings(width=384, blocks=6))


def _ranges(lift: Lift, wanted: Mapping[str, tuple[float, float]]) -> tuple[np.ndarray, np.ndarray]:
    """Ends (m,) of the range in transformed observables."""
    quantities: Any = lift.proxy
    for name in wanted:
        if name not in lift.names:
            raise InputError(
                f"lift network: range for {name!r}, which is not measured; "
                f"{suggest(name, list(lift.names))}"
            )
    ends = np.array([wanted.get(q.name, (q.low, q.high)) for q in quantities.quantities], float).T
    t = lift.transforms.forward(ends)
    given = np.array([name in wanted for name in lift.names])
    period = np.nan_to_num(lift.transforms.periods, nan=np.inf)
    with np.errstate(invalid="ignore"):
        fallback = lift.centre + np.array([[-4.5], [4.5]]) * lift.sigma
    t = np.where(np.isfinite(t), t, fallback)
    width = np.minimum(np.where(given, 1.0, 1.5) * (t[1] - t[0]), period)
    middle = 0.5 * (t[0] + t[1])
    if not (width > 0).all():
        bad = lift.names[int((width <= 0).argmax())]
        raise InputError(f"lift network: the range of {bad} must ascend")
    return middle - 0.5 * width, middle + 0.5 * width


@dataclass(frozen=True)
class LiftNetworkOptions:
    """How a lift network is used.

    Attributes:
        nodes: Nodes of the divergence's quadrature.
        derivatives: Precision of the divergence; see `sbi.amortised.NetworkOptions`.
        defensive: Fraction of the draws that come from the prior instead, before the lift.
        beyond: The lift contracts this many times more than the cloud is wide.
        eps: Regularisation of the lift.
        steps: Its steps.
        anneal: Annealed moves of each draw before the lift, towards the broad posterior; see
            `sbi.annealed`. 0: none.
    """

    nodes: int = 12
    derivatives: str = "auto"
    defensive: float = 0.0
    beyond: float = 1.0
    eps: float = 0.005
    steps: int = 8
    anneal: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.defensive < 1:
            raise InputError(f"defensive {self.defensive}: the fraction must lie in [0, 1)")
        if not 0.1 <= self.beyond <= 100:
            raise InputError(f"beyond {self.beyond}: give a factor from 0.1 to 100")
        if self.anneal < 0:
            raise InputError(f"anneal {self.anneal}: give a number of moves from 0")

    def describe(self) -> dict[str, Any]:
        """As plain JSON types."""
        return asdict(self)


def network_model(model: Model, about: Mapping[str, Any]) -> bool:
    """Whether a network with this card was trained for a model."""
    return bool(about.get("model") == model.describe())
