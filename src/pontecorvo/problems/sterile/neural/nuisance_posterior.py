"""FMPE of the plane and all pulls in the chart of the data, and the exact posterior beside it."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ....base.errors import InputError
from ....base.files import plain, write_json
from ....base.seeds import stream
from ....flows.conditional_flow import ConditionalFlow
from ....flows.flow_settings import FlowSettings, History, TrainSettings
from ....flows.networks import NetworkSettings
from ....flows.torch_threads import one_thread
from ....samplers.correction import Correction, correct
from .nuisances import NuisanceStudy
from .plane_flows import ATTENTION, TRAIN, fit_flow, inner
from .pull_fit import PullFit
from .ratio_maps import RatioMaps, summary_plane
from .simulated import Bank

FLOW = FlowSettings(
    path={"name": "flow-matching"}, network=NetworkSettings(width=128, blocks=3, embedding=128)
)
TRAINING = replace(TRAIN, steps=3000, batch=512, learning_rate=5e-4)
SIMULATIONS = 60_000
SHIPPED = Path(__file__).parents[1] / "networks" / "nuisances"
NAME = "nuisances"
RETRAIN = "pontecorvo train sterile --nuisances --out FOLDER"


@dataclass(frozen=True)
class NuisanceDraws:
    """Draws at one data set.

    Attributes:
        points: (N, D): log10 s22, log10 dm2, and the pulls in standard deviations.
        log_density: Their log-density (N,) in these coordinates.
        weights: Their weights by the exact likelihood and the prior.
    """

    points: np.ndarray
    log_density: np.ndarray
    weights: Correction


class NuisancePosterior:
    """FMPE of the plane and all pulls; without a network it is the chart alone.

    Args:
        study: The study.
        flow: The network; None for the chart alone.
    """

    def __init__(self, study: NuisanceStudy, flow: ConditionalFlow | None = None) -> None:
        self.study, self.flow = study, flow

    @classmethod
    def untrained(
        cls, study: NuisanceStudy, seed: int = 0, flow: FlowSettings = FLOW
    ) -> "NuisancePosterior":
        """Fresh weights."""
        return cls(study, ConditionalFlow(study.dim, study.conditions, settings=flow, seed=seed))

    def fit(
        self,
        bank: Bank,
        train: TrainSettings = TRAINING,
        validation: Bank | None = None,
        checkpoint: Path | None = None,
        show: bool | None = None,
    ) -> History:
        """Train on simulations (`NuisanceStudy.bank`), those with a signal shown more often."""
        assert self.flow is not None
        height = bank.rows[:, self.study.conditions.index("height")].astype(float)
        often = np.where(np.sinh(height) < 4, 1.0, ATTENTION)
        with one_thread():
            return fit_flow(self.flow, bank, often, train, validation, RETRAIN, checkpoint, show)

    def draw(self, data: np.ndarray, n: int, seed: int = 0, nodes: int = 8) -> NuisanceDraws:
        """n draws at one data set (B,), weighed."""
        known = self.study.read(data)
        if self.flow is None:
            unit = stream(seed, "chart alone").random((n, self.study.dim))
            own = np.zeros(n)
        else:
            drawn = self.flow.sample(
                known.read.rows[0], n, seed, with_density=True, check=0, nodes=nodes
            )
            assert drawn.log_density is not None
            unit, own = drawn.u, drawn.log_density
        points, log_density = self.study.from_unit(known, unit[None])
        return weighed(self.study, points[0], log_density[0] + own, known.data[0])

    def log_density(self, points: np.ndarray, data: np.ndarray, nodes: int = 12) -> np.ndarray:
        """Log-density (N,) of points (N, D) of the prior's plane at one data set (B,)."""
        known = self.study.read(data)
        unit, log_density = self.study.to_unit(known, points[None])
        if self.flow is None:
            return log_density[0]
        own = self.flow.log_density(inner(unit[0]), known.read.rows[0], nodes=nodes)
        return log_density[0] + own

    def save(self, folder: Path) -> None:
        """Write the network, and what it was trained for."""
        assert self.flow is not None
        plane = self.study.maps.plane
        self.flow.save(folder / NAME)
        about = {
            "experiments": [plain(e.describe()) for e in self.study.joint.experiments],
            "plane": {"x": plane.x.values.tolist(), "y": plane.y.values.tolist()},
        }
        write_json(folder / "study.json", about)

    @classmethod
    def load(cls, folder: Path, maps: RatioMaps | None = None) -> "NuisancePosterior":
        """Read what `save` wrote; by default for the experiments that it was trained for.

        Raises:
            InputError: If there is no network, or it was trained for other experiments.
        """
        path = folder / "study.json"
        if not path.is_file():
            raise InputError(
                f"networks {folder}: there is none of the nuisances; make it with: {RETRAIN}"
            )
        about: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if maps is None:
            from ..experiment_registry import Setting, load_experiments

            names = [one["name"] for one in about["experiments"]]
            setting = Setting(options=(("energy_scale", "gaussian"),))
            maps = RatioMaps(load_experiments(names, setting), summary_plane(**about["plane"]))
        study = NuisanceStudy(maps)
        flow = ConditionalFlow.load(folder / NAME)
        now = [plain(e.describe()) for e in study.joint.experiments]
        if now != about["experiments"] or flow.conditions.names != study.conditions:
            raise InputError(
                f"networks {folder}: were trained for other experiments or settings; train with: "
                f"{RETRAIN}"
            )
        return cls(study, flow)


def weighed(
    study: NuisanceStudy, points: np.ndarray, log_density: np.ndarray, data: np.ndarray
) -> NuisanceDraws:
    """Draws (N, D) with weights by the exact likelihood and the prior."""
    target = study.log_likelihood(points, data) + study.log_prior(points)
    return NuisanceDraws(points, log_density, correct(target, log_density))


def reference_draws(
    study: NuisanceStudy, theta: np.ndarray, log_density: np.ndarray, data: np.ndarray, seed: int
) -> NuisanceDraws:
    """Exact posterior of all D without a network or its chart: the plane's, then pulls given it.

    Pulls come from the Gaussian of the fit at each point and all is weighed by the exact
    likelihood, so that shifts and counts are exact too.

    Args:
        study: The study.
        theta: Draws (N, 2) of the plane's posterior by a grid,
        log_density: with their log-density (N,).
        data: The data set (B,).
        seed: Seed of the pulls.

    Returns:
        Draws of all D with their weights.
    """
    rng = stream(seed, "reference pulls")
    fit = PullFit.at(study.joint, 10.0 ** theta[:, 0], 10.0 ** theta[:, 1], data[None])
    z = rng.standard_normal((len(theta), len(study.pulls)))
    own = (-0.5 * z**2 - 0.5 * np.log(2 * np.pi)).sum(axis=1) - fit.log_volume
    points = np.hstack([theta, fit.colour(z)])
    return weighed(study, points, log_density + own, data)
