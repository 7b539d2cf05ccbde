"""GALLEX, SAGE and BEST: neutrino sources inside gallium.

Each ratio of measured to expected captures is 1 - s22 <sin^2(1.267 dm2 L / E)>, averaged over the
lines of the source with branching ratio times cross section, and over emission and capture points
exactly (`physics.geometry`). The uncertainty of the cross section is common to all: one pull,
proportional to the prediction, named ``gallium_cross_section``.
"""

from collections.abc import Callable
from functools import partial

import numpy as np

from ....base.errors import InputError
from ....base.tables import Table
from ....physics.geometry import Cylinder, PathLengths, Sphere, path_lengths
from ....physics.oscillation import PHASE
from ....physics.wave_packets import energy_width
from ..declaration import Declaration, Option
from ..experiment import Array, Block, Experiment, amplitudes, check_points
from ..experiment_registry import Setting
from ..shipped_tables import papers, shipped_table
from ..templates import Templates, dm2_axis, tabulate
from ..wave_packet_option import WAVE_PACKET, packet_width

SOURCES = {"51Cr": "cr51", "37Ar": "ar37"}
LICENCE = "facts from the cited papers"


class Gallium(Experiment):
    """Ratios of captures in gallium; see the module's docstring.

    Args:
        name: Name in commands and files.
        title: Name in figures.
        source: Papers.
        ratios: Measured ratios (B,), relative to Bahcall's cross sections.
        covariance: Their covariance (B, B), without the common cross section.
        labels: One label for each ratio.
        columns: Which template (C) each ratio (B,) uses.
        templates: Gives averaged sin^2 (M, C) on an axis (M,), and keeps it.
        isotopes: Source isotope of each ratio, for the choice of cross section.
        setting: Uncertainty of the cross section, and options.
    """

    def __init__(
        self,
        name: str,
        title: str,
        source: str,
        ratios: Array,
        covariance: Array,
        labels: tuple[str, ...],
        columns: Array,
        templates: Callable[[Array], Array],
        isotopes: list[str],
        setting: Setting,
    ) -> None:
        self.name, self.title, self.source, self.licence = name, title, source, LICENCE
        self.cross_section = setting.gallium_cross_section
        if not 0 <= self.cross_section < 1:
            raise InputError(
                f"gallium cross-section uncertainty {self.cross_section:g}: "
                "give a relative uncertainty from 0 to 1, such as 0.02"
            )
        scales = cross_section_scales()
        model = setting.choice("gallium.cross_section")
        scale = scales[model]
        factor = np.array([scale[isotope] for isotope in isotopes])
        self.data = ratios / factor
        self._covariance = covariance / np.outer(factor, factor)
        self._columns = columns
        axis = dm2_axis()
        self._templates = Templates(axis, templates(axis)[:, None], templates)
        if self.cross_section > 0:
            self.nuisances = ("gallium_cross_section",)
        self.blocks = (
            Block(title, slice(0, len(ratios)), labels=labels, y="measured / expected captures"),
        )
        self.notes = (
            f"cross sections: {model}; common uncertainty {100 * self.cross_section:g} %",
        )

    def predict(self, s22: Array, dm2: Array) -> Array:
        """Expected ratios (N, B); see `Experiment.predict`."""
        s22, dm2 = check_points(s22, dm2)
        return 1 - self._templates(amplitudes(s22), dm2)[:, self._columns]

    def response(self, s22: Array, dm2: Array) -> Array:
        """One standard deviation of the cross section scales every ratio, (N, B, K)."""
        prediction = self.predict(s22, dm2)
        return (self.cross_section * prediction)[:, :, None][:, :, : len(self.nuisances)]


def cross_section_scales() -> dict[str, dict[str, float]]:
    """Total cross section of each model over Bahcall's, by isotope; Bahcall's comes first."""
    table = shipped_table("gallium_cross_sections.csv", positive=("cr51", "ar37"))
    return {
        str(model): {key: float(table[c][i] / table[c][0]) for key, c in SOURCES.items()}
        for i, model in enumerate(table["model"])
    }


def line_average(
    lengths: PathLengths, isotope: str, dm2: Array, packets: float | None = None
) -> Array:
    """Average (M,) of sin^2 over path lengths and the lines of a source, for dm2 (M,) in eV^2.

    `packets` is the width of wave packets [nm], None for plane waves.
    """
    columns = ("energy_kev", "branching", "cross_section")
    table = shipped_table("gallium_lines.csv", positive=columns)
    lines = table["source"] == isotope
    energy = table["energy_kev"][lines] / 1e3
    weight = (table["branching"] * table["cross_section"])[lines]
    sums = [
        w
        * lengths.mean_sin2(PHASE * dm2 / e, 0.0 if packets is None else energy_width(packets) / e)
        for e, w in zip(energy, weight / weight.sum(), strict=True)
    ]
    return np.sum(sums, axis=0)


def load_cylinders(name: str, title: str, setting: Setting) -> Gallium:
    """Sources in the middle of a cylinder: two of chromium in GALLEX, two in SAGE."""
    numbers = ("ratio", "error", "radius_m", "height_m", "source_height_m")
    table = shipped_table(f"{name}.csv", positive=numbers)
    lines, packets = shipped_table("gallium_lines.csv"), packet_width(setting, name)

    def compute(axis: Array) -> dict[str, Array]:
        columns = []
        for row in range(len(table)):
            height, place = table["height_m"][row], table["source_height_m"][row]
            tank = Cylinder(float(table["radius_m"][row]), float(-place), float(height - place))
            isotope = str(table["source"][row])
            columns.append(line_average(path_lengths(tank), isotope, 10**axis, packets))
        return {"templates": np.stack(columns, axis=1)}

    key: list[object] = [_key(table, lines), packets]
    return Gallium(
        name,
        title,
        papers(table),
        table["ratio"],
        np.diag(table["error"] ** 2),
        tuple(str(label) for label in table["name"]),
        np.arange(len(table)),
        partial(_kept, name, key, compute),
        [str(isotope) for isotope in table["source"]],
        setting,
    )


def load_best(setting: Setting) -> Gallium:
    """BEST: the two zones, or its twenty runs with the option ``best.data = runs``."""
    numbers = ("ratio", "statistical_per_day", "systematic_per_day", "expected_per_day")
    table = shipped_table("best.csv", positive=numbers)
    geometry = shipped_table("best_geometry.csv", positive=("radius_m", "height_m"))
    lines, packets = shipped_table("gallium_lines.csv"), packet_width(setting, "best")

    def compute(axis: Array) -> dict[str, Array]:
        inner, outer = best_lengths(geometry)
        columns = [line_average(part, "51Cr", 10**axis, packets) for part in (inner, outer)]
        return {"templates": np.stack(columns, axis=1)}

    templates = partial(_kept, "best", [_key(table, lines, geometry), packets], compute)
    kind = setting.choice("best.data")
    expected = table["expected_per_day"]
    systematic = table["systematic_per_day"] / expected
    if kind == "zones":
        statistical = table["statistical_per_day"] / expected
        ratios, covariance = table["ratio"], np.diag(statistical**2 + systematic**2)
        labels: tuple[str, ...] = tuple(str(label) for label in table["name"])
        columns = np.arange(2)
    else:
        numbers = ("inner_per_day", "inner_error", "outer_per_day", "outer_error")
        runs = shipped_table("best_runs.csv", positive=numbers)
        rates = np.concatenate([runs["inner_per_day"], runs["outer_per_day"]])
        errors = np.concatenate([runs["inner_error"], runs["outer_error"]])
        columns = np.repeat([0, 1], len(runs))
        ratios, errors = rates / expected[columns], errors / expected[columns]
        error = systematic[columns]  # common to the runs of one zone
        shared = np.equal.outer(columns, columns) * np.outer(error, error)
        covariance = np.diag(errors**2) + shared
        labels = tuple(f"{zone} {int(run)}" for zone in ("inner", "outer") for run in runs["run"])
    return Gallium(
        "best",
        "BEST",
        papers(table),
        ratios,
        covariance,
        labels,
        columns,
        templates,
        ["51Cr"] * len(ratios),
        setting,
    )


def best_lengths(geometry: Table) -> tuple[PathLengths, PathLengths]:
    """Path lengths in the inner and outer zone of BEST, from its extended source."""
    size = {
        str(body): (float(r), float(h))
        for body, r, h in zip(
            geometry["body"], geometry["radius_m"], geometry["height_m"], strict=True
        )
    }
    source = Cylinder.centred(*size["source"])
    sphere = Sphere(size["inner"][0])
    inner = path_lengths(sphere, Cylinder.centred(*size["shield"]), source)
    return inner, path_lengths(Cylinder.centred(*size["outer"]), sphere, source)


def _kept(
    name: str, key: list[object], compute: Callable[[Array], dict[str, Array]], axis: Array
) -> Array:
    """The templates on an axis, from disk if they were made before."""
    return tabulate(name, [*key, axis], lambda: compute(axis))["templates"]


def _key(*tables: Table) -> list[object]:
    return [[PHASE, {name: values.tolist() for name, values in t.columns.items()}] for t in tables]


_CROSS_SECTION = Option(
    ("bahcall", "ground-state", "frekers"),
    "total capture cross section to which ratios refer",
)
_COMMON = {"gallium.cross_section": _CROSS_SECTION, "wave_packet": WAVE_PACKET}
EXPERIMENTS = (
    *(
        Declaration(name, title, partial(load_cylinders, name, title), order, ("gallium",), _COMMON)
        for order, name, title in ((100, "gallex", "GALLEX"), (110, "sage", "SAGE"))
    ),
    Declaration(
        "best",
        "BEST",
        load_best,
        120,
        ("gallium",),
        {
            **_COMMON,
            "best.data": Option(("zones", "runs"), "two zones, or ten extractions of each"),
        },
    ),
)
