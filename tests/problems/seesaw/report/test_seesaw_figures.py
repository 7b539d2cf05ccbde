"""The seesaw's pictures and sentences, held against the draws they are of."""

import csv
import re

import matplotlib
import numpy as np
import pytest

from pontecorvo.base.quantiles import weighted_quantiles
from pontecorvo.problems.flavour.measurements.absolute import shown_lines
from pontecorvo.problems.flavour.nufit import nufit
from pontecorvo.problems.seesaw import figures
from pontecorvo.problems.seesaw.report.captions import captions
from pontecorvo.problems.seesaw.report.cp_figures import flat_phase_invariants
from pontecorvo.problems.seesaw.report.headline import headline
from pontecorvo.problems.seesaw.report.heavy_figures import HEAVY, heavy_masses_figure
from pontecorvo.problems.seesaw.report.mass_figures import m_ee_figure
from pontecorvo.problems.seesaw.report.seesaw_page import _forward_map, _subtitle
from pontecorvo.problems.seesaw.report.seesaw_sample import (
    LOG_LIGHTEST,
    lightest_mass,
    ordering_of,
    variant_of,
)
from pontecorvo.problems.seesaw.report.yukawa_figures import digits_of, digits_of_prior
from pontecorvo.report.figure_data import figure_table


@pytest.fixture(scope="module", params=["no", "io"])
def sample(request):
    run = request.getfixturevalue(f"seesaw_{request.param}")
    return figures.seesaw_sample(run.target, run.groups)


@pytest.fixture(scope="module")
def other(sample):
    """Another posterior of the same target: every fourth draw."""
    run_groups = {
        name: group.isel(draw=slice(None, None, 4)) for name, group in sample._groups.items()
    }
    return figures.seesaw_sample(sample.target, run_groups, sample, "another sampler")


def series_of(figure):
    """Rows (x, y, value) of what a figure shows: (panel, series, kind) -> array."""
    text = figure_table(figure, 10**6)
    rows = list(csv.reader(line for line in text.splitlines() if line[0] != "#"))
    found = {}
    for panel, series, kind, _, *numbers in rows[1:]:
        values = [float(n) if n else np.nan for n in numbers]
        found.setdefault((int(panel), series, kind), []).append(values)
    return {key: np.array(rows) for key, rows in found.items()}


def test_every_figure_is_drawn_with_and_without_a_reference(sample, other):
    before = dict(matplotlib.rcParams)
    for name in figures.__all__:
        if name not in ("Sample", "corner_figure", "seesaw_sample"):
            alone, both = (getattr(figures, name)(sample, one) for one in (None, other))
            names, more = ({s for _, s, _ in series_of(one)} for one in (alone, both))
            assert not any(other.name in one for one in names), name
            assert any(other.name in one for one in more), name
    assert dict(matplotlib.rcParams) == before


def test_what_the_figures_ask_of_a_sample(sample):
    values = np.stack([sample.raw(m) for m in ("m1", "m2", "m3")])
    np.testing.assert_allclose(lightest_mass(sample).values, 1e3 * values.min(axis=0))
    np.testing.assert_allclose(
        10 ** sample[LOG_LIGHTEST].values, lightest_mass(sample).values, rtol=1e-12
    )
    assert ordering_of(sample) == sample.target.model.ordering
    assert variant_of(sample) == "with-sk"


def test_limits_and_draws_of_m_ee(sample):
    found = series_of(m_ee_figure(sample))
    drawn = {
        (series, round(float(v), 6))
        for (_, series, kind), rows in found.items()
        if "line" in kind
        for v in np.ravel(rows)
    }
    for quantity in ("m_ee", "sum_m", "m_beta"):
        strongest = min((x for x in shown_lines() if x.quantity == quantity), key=lambda x: x.low)
        label = f"{strongest.name}, {100 * strongest.confidence:.0f} %"
        assert (label, round(1e3 * strongest.high, 3)) in {(s, round(v, 3)) for s, v in drawn}
    (cloud,) = (rows for (panel, _, kind), rows in found.items() if (panel, kind) == (1, "points"))
    own = np.stack([lightest_mass(sample).values, sample["m_ee"].values], axis=1)
    gap = np.abs(cloud[:, None, :2] / own[None] - 1).max(axis=2).min(axis=1)
    assert gap.max() < 1e-5, "every dot is a draw"


def test_heavy_masses_and_their_prior_have_their_shares(sample):
    found = series_of(heavy_masses_figure(sample))
    prior = sample.target.model.prior.sample(200_000, np.random.default_rng(0))[:, 18:21]
    for i, name in enumerate(HEAVY):
        (line,) = (r for (p, s, _), r in found.items() if p == 1 and s == f"M_{i + 1}, prior")
        width = line[1, 0] - line[0, 0]
        low, high = line[0, 0] - width / 2, line[-1, 0] + width / 2
        share = np.mean((prior[:, i] > low) & (prior[:, i] < high))
        assert line[:, 1].sum() * width == pytest.approx(share, abs=0.01)
        (bars,) = (
            r for (p, s, _), r in found.items() if p == 1 and s == f"M_{i + 1}, {sample.name}"
        )
        left, right, height = bars.T
        shown = (sample[name].values >= left[0]) & (sample[name].values <= right[-1])
        share = sample.weight[shown].sum()
        assert (height * (right - left)).sum() == pytest.approx(share, abs=1e-4)
        mean = (height * (right - left) * 0.5 * (left + right)).sum() / share
        expected = np.sum(sample.weight[shown] * sample[name].values[shown]) / share
        assert mean == pytest.approx(expected, abs=0.03)


def test_the_quartiles_of_delta_are_the_draws(sample):
    figure = figures.delta_figure(sample)
    expected = weighted_quantiles(sample["delta_cp"].values, sample.weight, np.array([0.25, 0.75]))
    said = {text.get_text() for axes in figure.axes for text in axes.texts}
    assert {f"{value:.0f}" for value in expected} <= said
    assert ("106 paper" in said) is (ordering_of(sample) == "no")
    bands = [rows for (_, _, kind), rows in series_of(figure).items() if "band" in kind]
    nufit_low = next(
        q for q in nufit(ordering_of(sample)).quantities if q.name == "sin2_theta23"
    ).low
    ends = np.concatenate([rows[:, 0] for rows in bands])
    assert np.nanmin(np.abs(ends - nufit_low)) < 1e-6, "NuFIT's 3 sigma range is drawn"


def test_digits_of_hierarchy_are_counted(sample):
    arrays = sample.variables()
    size = np.abs(np.concatenate([arrays[k].reshape(len(sample), 9) for k in ("Y_re", "Y_im")], 1))
    digits = np.round(np.log10(size.max(axis=1) / size.min(axis=1)))
    found = digits_of(sample)
    assert sum(found.values()) == pytest.approx(1)
    for digit, share in found.items():
        assert share == pytest.approx(sample.weight[digits == digit].sum())
    # arXiv:2503.21432: 94.8 % of flat matrices have at most two digits
    prior = digits_of_prior(sample, 20_000)
    assert sum(share for digit, share in prior.items() if digit <= 2) == pytest.approx(
        0.947, abs=0.01
    )


def test_flat_phases_give_the_invariants_of_chance(sample):
    size = 20_000
    j, first, second = flat_phase_invariants(sample, size)
    assert abs(j.mean()) < 5 * j.std() / np.sqrt(size)
    assert np.abs(j).max() < 0.035  # the largest J of measured angles
    # I1 = s12 c12 c13^2 sin(alpha21 / 2), and the mean sine of half a flat angle is 2 / pi
    s12, s13 = sample.raw("sin2_theta12"), sample.raw("sin2_theta13")
    expected = 2 / np.pi * np.sum(sample.weight * np.sqrt(s12 * (1 - s12)) * (1 - s13))
    assert first.mean() == pytest.approx(expected, rel=0.02)
    assert abs(second.mean()) < 5 * second.std() / np.sqrt(size), "delta is flat besides"


def test_captions_say_what_is_in_the_likelihood(sample, other):
    alone, beside = captions(sample), captions(sample, other.name)
    assert set(alone) == {"m_ee", "delta_cp", "phases", "heavy_masses", "yukawas", "corner"}
    assert not any(other.name in text for text in alone.values())
    assert {name for name, text in beside.items() if other.name in text} == set(alone) - {"yukawas"}
    assert "is not in this likelihood" in alone["delta_cp"]
    assert ("arXiv:2503.21432" in alone["yukawas"]) is (ordering_of(sample) == "no")
    assert ("blue: regions" in alone["m_ee"]) is (ordering_of(sample) == "no")


def test_the_page_says_prior_and_formula_in_force(sample):
    line = _subtitle(sample.target)
    assert "23 parameters given NuFIT" in line
    assert "Yukawas uniform in [−1, 1]" in line
    assert "uniform in [12, 17]" in line
    assert "174.1" in str(_forward_map(sample.target))


def test_headline_takes_its_numbers_from_the_draws(sample):
    sentences = headline(sample)
    assert 3 <= len(sentences) <= 5
    middle = 1e3 * np.median(sample.raw("sum_m"))
    said = re.match(r"The sum of the light masses is ([\d.]+) meV", sentences[0])
    assert said is not None
    assert float(said[1]) == pytest.approx(middle, abs=0.06)
    inverted = ordering_of(sample) == "io"
    assert ("all has" in sentences[1]) is inverted  # then the sum exceeds 72 meV in every draw
    assert ("founding paper" in sentences[2]) is not inverted  # normal ordering's quartiles
