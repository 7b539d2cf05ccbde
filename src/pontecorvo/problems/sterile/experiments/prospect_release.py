"""The PROSPECT supplement to arXiv:2006.11210, as released: read, and checked on reading.

The matrices are too large to ship. The user names the folder that holds them; the release is found
with the paper on the arXiv (ancillary files).
"""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ....base.errors import InputError
from ....base.tables import check_covariance, read_matrix

FOLDER = "prospect-2020"
WHERE = "the ancillary files of arXiv:2006.11210"
BASELINES, PROMPT, TRUE = 10, 16, 82
PROMPT_EDGES = 0.8 + 0.4 * np.arange(PROMPT + 1)  # MeV
TRUE_EDGES = 1.8 + 0.1 * np.arange(TRUE + 1)  # MeV
# m, from the release's README
# fmt: off
BASELINE_EDGES = np.array([
    6.65826, 7.35108, 7.49064, 7.67506, 7.78471, 7.96415,
    8.06882, 8.18346, 8.30308, 8.52737, 9.2501,
])
# fmt: on


@dataclass(frozen=True)
class ProspectRelease:
    """What the release holds, by segment (S active ones) and by baseline bin (10).

    Attributes:
        counts: Background-subtracted events (10, 16), summed over the segments of a baseline bin.
        covariance: Statistical and systematic covariance (160, 160), baseline-major.
        unoscillated: Predicted events without oscillation (10, 16).
        segments: Numbers (S,) of the active segments.
        baselines: Distance (S,) of each from the reactor [m].
        bins: Baseline bin (S,) of each, from zero.
        efficiencies: Relative efficiency (S,).
        responses: Response (S, 16, 82) from true neutrino to prompt energy.
    """

    counts: np.ndarray
    covariance: np.ndarray
    unoscillated: np.ndarray
    segments: np.ndarray
    baselines: np.ndarray
    bins: np.ndarray
    efficiencies: np.ndarray
    responses: np.ndarray


def read_prospect(folder: Path) -> ProspectRelease:
    """Read the release from the folder that holds its text files.

    Raises:
        InputError: If a file is missing or breaks what the release's README says of it.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; PROSPECT is read from {WHERE}, unpacked there")
    layout = _read(folder, "1.1_Osc_SegmentMap.txt", columns=5)
    bins = {int(row[2]): int(row[0]) - 1 for row in layout}
    if not set(bins.values()) <= set(range(BASELINES)):
        raise InputError(f"{folder / '1.1_Osc_SegmentMap.txt'}: baseline bins must be 1 to 10")
    places = {int(row[2]): (int(row[3]), int(row[4])) for row in layout}
    distance = {int(row[2]): float(row[1]) for row in layout}
    table = _read(folder, "1.5_Osc_RelativeEfficiencies.txt", columns=3)
    efficiency = {(int(row[0]), int(row[1])): float(row[2]) for row in table}
    segments = np.array(sorted(_numbered(folder, "1.3_Osc_DetResponse")))
    if not len(segments):
        raise InputError(f"{folder}: holds no 1.3_Osc_DetResponse files; see {WHERE}")
    unknown = [n for n in segments if n not in bins or places[n] not in efficiency]
    if unknown:
        raise InputError(f"{folder}: segment {unknown[0]} is missing from the segment map")
    counts = np.zeros((BASELINES, PROMPT))
    for segment in sorted(_numbered(folder, "1.4_Osc_Prompt")):
        spectrum = _read(folder, f"1.4_Osc_Prompt{segment}.txt", columns=5)
        if len(spectrum) != PROMPT or segment not in bins:
            raise InputError(
                f"{folder / f'1.4_Osc_Prompt{segment}.txt'}: must hold {PROMPT} energies of a "
                "segment of the map"
            )
        counts[bins[segment]] += spectrum[:, 1]
    size = BASELINES * PROMPT
    name = folder / "1.2_Osc_CovarianceMatrix.txt"
    return ProspectRelease(
        counts=counts,
        covariance=check_covariance(read_matrix(name, (size, size)), str(name)),
        unoscillated=np.array([_null(folder, number) for number in range(1, BASELINES + 1)]),
        segments=segments,
        baselines=np.array([distance[n] for n in segments]),
        bins=np.array([bins[n] for n in segments]),
        efficiencies=np.array([efficiency[places[n]] for n in segments]),
        responses=np.array(
            [read_matrix(folder / f"1.3_Osc_DetResponse{n}.txt", (PROMPT, TRUE)) for n in segments]
        ),
    )


def _numbered(folder: Path, stem: str) -> list[int]:
    pattern = re.compile(re.escape(stem) + r"(\d+)\.txt")
    return [int(m[1]) for m in map(pattern.fullmatch, (p.name for p in folder.iterdir())) if m]


def _read(folder: Path, name: str, columns: int) -> np.ndarray:
    values = read_matrix(folder / name)
    if values.shape[1] != columns:
        raise InputError(
            f"{folder / name}: has {values.shape[1]} columns; it must have {columns}, see {WHERE}"
        )
    return values


def _null(folder: Path, number: int) -> np.ndarray:
    name = f"1.6_Osc_NullOscPred{number}.txt"
    values = _read(folder, name, columns=2)
    if len(values) != PROMPT or (values[:, 1] <= 0).any():
        raise InputError(f"{folder / name}: must hold {PROMPT} positive predictions")
    return values[:, 1]
