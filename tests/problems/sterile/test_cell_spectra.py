"""Releases in the layout: the 2020 supplement of PROSPECT written into it has its chi2."""

import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.problems.sterile.cell_spectra import CellSpectra, read_cells
from pontecorvo.problems.sterile.discovery import present_names
from pontecorvo.problems.sterile.experiment_registry import Setting, load_experiment
from pontecorvo.problems.sterile.experiments.prospect_release import (
    PROMPT_EDGES,
    TRUE_EDGES,
    read_prospect,
)
from shared_data import SHARED, needs_shared

NULL = np.zeros(1), np.ones(1)


def write_layout(folder, counts, unoscillated, edges, covariance, segments, responses, true_edges):
    folder.mkdir(parents=True)
    rows = ["cell,e_low_mev,e_high_mev,counts,unoscillated"]
    for cell, (own, plain) in enumerate(zip(counts, unoscillated, strict=True), 1):
        for e, (m, p) in enumerate(zip(own, plain, strict=True)):
            rows.append(
                f"{cell},{float(edges[e])!r},{float(edges[e + 1])!r},{float(m)!r},{float(p)!r}"
            )
    (folder / "spectra.csv").write_text("\n".join(rows) + "\n")
    np.savetxt(folder / "covariance.csv", covariance, delimiter=",", fmt="%.17g")
    lines = [
        f"{cell},{float(length)!r},{float(share)!r},0.2175" for cell, length, share in segments
    ]
    (folder / "segments.csv").write_text(
        "\n".join(["cell,length_m,efficiency,core_half_width_m", *lines]) + "\n"
    )
    (folder / "true_edges.csv").write_text(
        "\n".join(["e_mev", *map(repr, map(float, true_edges))]) + "\n"
    )
    for number, response in enumerate(responses, 1):
        np.savetxt(folder / f"response-{number}.csv", response, delimiter=",", fmt="%.17g")


@pytest.fixture
def small(tmp_path):
    rng = np.random.default_rng(3)
    edges, true_edges = np.linspace(1, 7, 7), np.linspace(1.8, 8.8, 15)
    middles = (true_edges[1:] + true_edges[:-1]) / 2 - 0.8
    response = np.exp(-0.5 * (((edges[1:] + edges[:-1]) / 2)[:, None] - middles) ** 2 / 0.3**2)
    unoscillated = 1e4 * rng.uniform(0.8, 1.2, (3, 6))
    segments = [(1, 9.4, 1.0), (2, 10.1, 0.9), (3, 10.9, 1.0)]
    folder = tmp_path / "data" / "stereo"
    write_layout(
        folder, unoscillated, unoscillated, edges, np.diag(unoscillated.ravel()), segments,
        [response] * 3, true_edges,
    )  # fmt: skip
    return folder


def test_data_as_predicted_have_no_chi2(small):
    experiment = load_experiment("stereo", Setting(data=small.parent))
    assert isinstance(experiment, CellSpectra)
    assert experiment.chi2(*NULL)[0] == pytest.approx(0, abs=1e-6)
    s22, dm2 = np.array([0.05, 0.2, 0.5]), np.array([0.4, 1.3, 6.0])
    chi2 = experiment.chi2(s22, dm2)
    assert np.all(chi2 > 0.1)
    data = experiment.toys(0.2, 1.3, 5, np.random.default_rng(1))
    own = experiment.own_features(s22, dm2)
    direct = np.stack([experiment.chi2(s22, dm2, one) for one in data])
    np.testing.assert_allclose(own.features(data) @ own.coefficients, direct, rtol=1e-8, atol=1e-6)
    assert "stereo" in present_names(small.parent)
    assert "stereo" not in present_names(None)
    (small.parent / "prospect-2020").mkdir()
    assert "prospect" in present_names(small.parent)
    (small.parent / "prospect-final").mkdir()  # of the same events: one of the two
    assert "prospect" not in present_names(small.parent)


def test_what_is_missing_or_does_not_fit_is_said(small):
    (small / "true_edges.csv").rename(small / "kept.csv")
    with pytest.raises(InputError, match=r"true_edges\.csv missing"):
        read_cells(small)
    (small / "kept.csv").rename(small / "true_edges.csv")
    (small / "response-2.csv").unlink()
    with pytest.raises(InputError, match=r"response-2\.csv"):
        read_cells(small)
    text = (small / "spectra.csv").read_text().splitlines()
    (small / "spectra.csv").write_text("\n".join(text[:-1]) + "\n")
    with pytest.raises(InputError, match="every cell the same energies"):
        read_cells(small)
    with pytest.raises(InputError, match="prospect-final: needs"):
        load_experiment("prospect-final", Setting())


@needs_shared
def test_prospect_2020_in_the_layout_is_prospect_2020(tmp_path):
    """122.97 without oscillation and 118.96 at (1.78 eV2, 0.11), as the experiment's own file."""
    release = read_prospect(SHARED / "prospect-2020")
    folder = tmp_path / "prospect-final"
    segments = zip(release.bins + 1, release.baselines, release.efficiencies, strict=True)
    write_layout(
        folder, release.counts, release.unoscillated, PROMPT_EDGES, release.covariance,
        list(segments), release.responses, TRUE_EDGES,
    )  # fmt: skip
    experiment = load_experiment("prospect-final", Setting(data=tmp_path))
    assert experiment.chi2(*NULL)[0] == pytest.approx(122.97, abs=0.01)
    found = experiment.chi2(np.array([0.11]), np.array([1.78]))[0]
    assert found == pytest.approx(118.96, abs=0.15)  # another flux and cross section in the ratio
    own = load_experiment("prospect", Setting(data=SHARED))
    s22, dm2 = np.full(30, 0.15), np.logspace(-1, 1.2, 30)
    np.testing.assert_allclose(experiment.chi2(s22, dm2), own.chi2(s22, dm2), atol=0.6)
