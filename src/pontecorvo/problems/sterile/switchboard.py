"""Experiments that are switched on and off: regions from maps that are worked out once.

The joint likelihood is a sum over groups of experiments that share nuisances (`joint.connected`).
A group's map is kept, whole and in part, so that what was seen once answers at once.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ...base.errors import InputError, brief, suggest
from ...base.parallel import one_blas_thread
from ...core.exploration import Part, PlaneAnswer
from ...core.quantity import Quantity
from ...frequentist.contours import contour_lines
from ...frequentist.grid_posterior import GridPosterior
from ...frequentist.wilks import wilks_critical
from .discovery import declared
from .experiment import Experiment
from .experiment_registry import load_experiments
from .groups import GROUPS
from .joint import JointLikelihood, connected
from .model import points_of
from .plane_likelihood import LikelihoodMaps, sterile_plane
from .settings import SterileSettings

SHAPE = (81, 241)
"""Points of the plane: lines are interpolated between them."""
LEVELS = (0.95,)
_MOST_LINES = 400
_VALLEYS = 4


class Switches:
    """The experiments of a study as a `core.exploration.Switchboard`.

    Args:
        settings: The study's settings.
    """

    axes = (
        Quantity("sin2_2theta", r"\sin^2 2\theta_{ee}"),
        Quantity("dm2_41", r"\Delta m^2_{41}", r"eV$^2$"),
    )
    methods: Mapping[str, str] = {"wilks": "Wilks' theorem", "bayes": "Bayesian, flat in logs"}
    levels: Sequence[float] = LEVELS
    notes: Sequence[str] = (
        "Feldman-Cousins regions need trials, which take minutes: the command is shown. Wilks' "
        "theorem covers too little where oscillations are weak.",
    )

    def __init__(self, settings: SterileSettings) -> None:
        self.settings = settings
        self.experiments: dict[str, Experiment] = {
            e.name: e for e in load_experiments(settings.experiments, settings.build_setting())
        }
        self.plane = sterile_plane(SHAPE, [*self.experiments.values()])
        self.ranges = tuple(  # type: ignore[assignment]
            (float(axis.values[0]), float(axis.values[-1])) for axis in (self.plane.x, self.plane.y)
        )
        self.maps = LikelihoodMaps()
        self.parts = tuple(
            Part(name, experiment.title, _group(name), True, f"{experiment.size} data points")
            for name, experiment in self.experiments.items()
        )

    ranges: tuple[tuple[float, float], tuple[float, float]]

    def warm(self, advance: Callable[[float], None]) -> None:
        """Maps of every group, and of every experiment by itself."""
        for members in connected([*self.experiments.values()]):
            for chosen in [members, *([e] for e in members if len(members) > 1)]:
                for marginal in (False, True):
                    self.maps.total(chosen, self.plane, marginal)
            advance(len(members))

    def answer(
        self, on: Sequence[str], methods: Sequence[str], levels: Sequence[float]
    ) -> PlaneAnswer:
        """Regions of the experiments that are on.

        Raises:
            InputError: For a name that is unknown, or none at all.
        """
        chosen = self._chosen(on)
        for method in methods:
            if method not in self.methods:
                raise InputError(f"method {brief(method)}; {suggest(method, [*self.methods])}")
        chi2, null = self.maps.total(chosen, self.plane, marginal=False)
        best, found = self._best(chosen, chi2)
        value, value_null = self.maps.total(chosen, self.plane, marginal=True)
        posterior = GridPosterior(self.plane, -0.5 * value, -0.5 * value_null)
        margins = {
            "wilks": lambda level: chi2 - min(found, null) - wilks_critical(level),
            "bayes": posterior.margin,
        }
        lines = [
            (method, level, line.points)
            for method in methods
            for level in levels
            for line in contour_lines(self.plane, margins[method](level), method, level)
        ]
        bins = sum(experiment.size for experiment in chosen)
        return PlaneAnswer(
            lines[:_MOST_LINES],
            (float(best[0]), float(best[1])) if found < null else None,
            [
                ("experiments", str(len(chosen))),
                ("best fit sin² 2θ", f"{10 ** best[0]:.3g}"),
                ("best fit Δm² [eV²]", f"{10 ** best[1]:.3g}"),
                ("χ² at best fit / data points", f"{found:.1f} / {bins}"),
                ("χ² without oscillation", f"{null:.1f}"),
                ("Δχ²", f"{null - found:.1f}"),
                ("ln Bayes factor, 3+1 over none", f"{posterior.log_bayes_factor:.2f}"),
            ],
        )

    def _best(self, chosen: list[Experiment], chi2: np.ndarray) -> tuple[np.ndarray, float]:
        """Best point (2,) and its chi2, looked for between the points about the lowest valleys."""
        table = self.plane.map(chi2)
        profile = table.min(axis=0)
        valleys = np.argsort(profile)[:_VALLEYS]
        joint = JointLikelihood(chosen)
        steps = [axis.values[1] - axis.values[0] for axis in (self.plane.x, self.plane.y)]
        best, found = self.plane.points[int(np.argmin(chi2))], float(chi2.min())
        centres = [
            np.array([self.plane.x.values[int(np.argmin(table[:, j]))], self.plane.y.values[j]])
            for j in valleys
        ]
        for _ in range(3):
            offsets = [step * np.linspace(-1, 1, 9) for step in steps]
            around = np.stack(np.meshgrid(*offsets, indexing="ij"), axis=-1).reshape(-1, 2)
            points = np.concatenate([centre + around for centre in centres])
            lows, highs = np.array(self.ranges).T
            points = np.clip(points, lows, highs)
            with one_blas_thread():
                values = joint.chi2(*points_of(points))
            if values.min() < found:
                best, found = points[int(np.argmin(values))], float(values.min())
            centres, steps = [best], [step / 4 for step in steps]
        return best, found

    def _chosen(self, on: Sequence[str]) -> list[Experiment]:
        for name in on:
            if name not in self.experiments:
                allowed = suggest(name, [*self.experiments])
                raise InputError(f"experiment {brief(name)} is not in this study; {allowed}")
        if not on:
            raise InputError("no experiment is on; switch one on")
        return [e for name, e in self.experiments.items() if name in on]

    def study(self, on: Sequence[str]) -> dict[str, Any]:
        """Content of a study file with these experiments."""
        self._chosen(on)
        return {**self.settings.in_force(), "experiments": [n for n in self.experiments if n in on]}

    def commands(self, on: Sequence[str], methods: Sequence[str]) -> list[str]:
        """The regions by `pontecorvo contour`, Feldman-Cousins last."""
        names = ",".join(name for name in self.experiments if name in on)
        setting = self._options()
        return [
            f"pontecorvo contour --experiments {names} --method {method}{setting} --out {method}"
            for method in (*methods, "feldman-cousins")
        ]

    def _options(self) -> str:
        import shlex

        s = self.settings
        words = [] if s.flux == "hm" else ["--flux", s.flux]
        if s.gallium_cross_section != 0.02:
            words += ["--gallium-cross-section", repr(s.gallium_cross_section)]
        words += [w for n, v in s.options.items() for w in ("--option", f"{n}={v}")]
        return "".join(f" {shlex.quote(word)}" for word in words)


def _group(name: str) -> str:
    """Title of the first set that holds an experiment; its kind where none does."""
    for group in declared()[name].groups:
        if group in GROUPS and GROUPS[group].fitted:
            return GROUPS[group].title
    return "Others"
