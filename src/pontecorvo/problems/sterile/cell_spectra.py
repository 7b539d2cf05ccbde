"""Spectra of several cells against their sum: releases that a user downloads, in one layout.

The statistic is that of `shared_spectra`; P is the release's own prediction without oscillation
times our ratio of oscillated over not.

A folder of the layout holds

* ``spectra.csv``: cell, e_low_mev, e_high_mev, counts, unoscillated; one row a cell and energy;
* ``covariance.csv``: (L E, L E), in the order of these rows;
* ``segments.csv``: cell, length_m, efficiency; one row a segment (a cell may hold several); a
  column core_half_width_m, the same in each row, averages over a round core (else a point);
* ``response.csv`` of all segments, or ``response-1.csv``, ``response-2.csv``, ... one a segment:
  E rows of T true-energy bins;
* ``true_edges.csv``: e_mev; T + 1 edges of true energy.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...base.errors import InputError
from ...base.tables import check_covariance, read_matrix, read_table
from ...physics.inverse_beta_decay import ibd_vogel_beacom
from ...physics.oscillation import PHASE
from ...physics.wave_packets import interference
from .experiment import Array, Block
from .reactor_tables import flux
from .shared_spectra import SharedSpectra
from .templates import FINE_STEP, Templates, dm2_axis, tabulate

FILES = ("spectra.csv", "covariance.csv", "segments.csv", "true_edges.csv")
NODES = 4
"""Gauss-Legendre nodes within a bin of true energy."""


@dataclass(frozen=True)
class CellRelease:
    """What a folder of the layout holds.

    Attributes:
        counts: Measured (L, E).
        unoscillated: Predicted without oscillation (L, E).
        edges: Prompt energies (E + 1,) [MeV].
        covariance: (L E, L E).
        cells: Cell (S,) of each segment, from zero.
        lengths: Distance (S,) [m].
        efficiencies: Relative (S,).
        responses: (S, E, T).
        true_edges: (T + 1,) [MeV].
        core: Half of the reactor core's extent [m].
    """

    counts: Array
    unoscillated: Array
    edges: Array
    covariance: Array
    cells: Array
    lengths: Array
    efficiencies: Array
    responses: Array
    true_edges: Array
    core: float = 0.0


def read_cells(folder: Path) -> CellRelease:
    """Read a folder of the layout.

    Raises:
        InputError: If a file is missing, or shapes do not go together; says which.
    """
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise InputError(f"{folder}: {', '.join(missing)} missing; see docs/sterile-experiments.md")
    columns = ("e_low_mev", "e_high_mev", "counts", "unoscillated")
    spectra = read_table(
        folder / "spectra.csv", required=("cell", *columns[:3]), positive=columns[3:]
    )
    names = list(dict.fromkeys(spectra["cell"].tolist()))
    energies = len(spectra) // len(names)
    order = np.repeat(names, energies)
    if len(order) != len(spectra) or not np.array_equal(order, spectra["cell"]):
        raise InputError(
            f"{folder / 'spectra.csv'}: give every cell the same energies, cell by cell"
        )
    low, high = (spectra[name].reshape(len(names), energies) for name in columns[:2])
    if not (np.allclose(low, low[0]) and np.allclose(high, high[0])):
        raise InputError(f"{folder / 'spectra.csv'}: cells have different prompt energies")
    if not np.allclose(low[0, 1:], high[0, :-1]):
        raise InputError(f"{folder / 'spectra.csv'}: prompt energies have gaps or overlap")
    segments = read_table(
        folder / "segments.csv", required=("cell",), positive=("length_m", "efficiency")
    )
    strange = sorted(set(segments["cell"].tolist()) - set(names))
    if strange or set(names) - set(segments["cell"].tolist()):
        raise InputError(f"{folder / 'segments.csv'}: its cells are not those of spectra.csv")
    true_edges = read_table(folder / "true_edges.csv", positive=("e_mev",))["e_mev"]
    size = len(spectra)
    path = folder / "covariance.csv"
    return CellRelease(
        spectra["counts"].reshape(len(names), energies),
        spectra["unoscillated"].reshape(len(names), energies),
        np.append(low[0], high[0, -1]),
        check_covariance(read_matrix(path, (size, size)), str(path)),
        np.array([names.index(name) for name in segments["cell"].tolist()]),
        segments["length_m"],
        segments["efficiency"],
        _responses(folder, len(segments), (energies, len(true_edges) - 1)),
        true_edges,
        float(segments["core_half_width_m"][0]) if "core_half_width_m" in segments.columns else 0.0,
    )


def _responses(folder: Path, segments: int, shape: tuple[int, int]) -> Array:
    common = folder / "response.csv"
    if common.is_file():
        return np.repeat(read_matrix(common, shape)[None], segments, axis=0)
    paths = [folder / f"response-{number}.csv" for number in range(1, segments + 1)]
    missing = [path.name for path in paths if not path.is_file()]
    if missing:
        raise InputError(f"{folder}: neither response.csv nor {missing[0]} is there")
    return np.array([read_matrix(path, shape) for path in paths])


class CellSpectra(SharedSpectra):
    """An experiment of such a release; see the module's docstring.

    Args:
        name: Name in commands.
        title: Name in figures.
        source: Paper and release.
        release: What was read.
        packets: Width of wave packets [nm]; None for plane waves.
    """

    licence = "the collaboration's release; read from the user's folder, not shipped"

    def __init__(
        self,
        name: str,
        title: str,
        source: str,
        release: CellRelease,
        packets: float | None = None,
    ) -> None:
        self.name, self.title, self.source = name, title, source
        key: list[object] = [PHASE, FINE_STEP, NODES, packets]
        key += [np.asarray(part).tolist() for part in vars(release).values()]
        plain, axis = release.unoscillated.ravel(), dm2_axis(step=FINE_STEP)

        def change(axis: Array) -> Array:
            kept = tabulate(name, [*key, axis], lambda: _lost(release, axis, packets))
            return -kept["lost"] * plain

        lost = change(axis)
        values = np.stack([np.broadcast_to(plain, lost.shape), lost], axis=1)
        super().__init__(release.counts, release.covariance, Templates(axis, values, change))
        size = release.counts.shape[1]
        self.blocks = tuple(
            Block(
                f"cell {cell + 1}",
                slice(cell * size, (cell + 1) * size),
                release.edges,
                x="prompt energy [MeV]",
                y="events",
            )
            for cell in range(len(release.counts))
        )
        self.notes = ("each cell is compared with its share of the sum over cells",)


def _lost(release: CellRelease, axis: Array, packets: float | None) -> dict[str, Array]:
    """Relative loss (M, B) of each bin at full mixing, U235 flux of Huber.

    Wave packets separate as at the centre of the core.
    """
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    width = np.diff(release.true_edges)
    energy = release.true_edges[:-1, None] + width[:, None] * (nodes + 1) / 2
    rate = flux("hm")("u235", energy) * ibd_vogel_beacom(energy) * weights * width[:, None]
    k = 2 * PHASE * 10 ** axis[:, None] / energy.ravel()
    place, share = np.polynomial.legendre.leggauss(16)
    chord = np.sqrt(1 - place**2) * share  # a disc seen edge-on
    damped = np.zeros(k.shape)
    for x, w in zip(place, chord / chord.sum(), strict=True):
        damped += w * np.cos(k * release.core * x)
    lost = np.zeros((len(k), *release.counts.shape))
    full = np.zeros(release.counts.shape)
    for cell, length, efficiency, response in zip(
        release.cells, release.lengths, release.efficiencies, release.responses, strict=True
    ):
        scale = efficiency / length**2
        cosine = np.cos(k * length) * interference(k * length, energy.ravel(), packets)
        loss = (1 - damped * cosine) / 2 * (scale * rate.ravel())
        true = loss.reshape(len(k), *energy.shape).sum(axis=2)
        lost[:, cell] += true @ response.T
        full[cell] += scale * (response @ rate.sum(axis=1))
    return {"lost": (lost / full).reshape(len(k), -1)}
