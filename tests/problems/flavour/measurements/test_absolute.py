import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.problems.flavour.measurements import absolute
from pontecorvo.problems.flavour.measurements.absolute import (
    ABSOLUTE,
    mass_likelihood,
    mass_lines,
    variants,
)

FLOOR = np.sqrt(7.537e-5) + np.sqrt(2.511e-3)
"""Sum of masses in normal ordering with a massless lightest one, eV."""


def test_the_variants_that_were_asked_for():
    assert set(variants("sum_m")) >= {"desi-dr2-lcdm", "w0wa", "hierarchy-prior", "profile-fc"}
    assert variants("m_beta") == ["katrin-259d"]
    assert variants("m_ee")[0] == "kamland-zen-complete"


def test_limits_below_the_floor_still_leave_the_floor_alive():
    below = [v for v in variants("sum_m") if mass_likelihood("sum_m", v).high < FLOOR]
    assert set(below) == {"profile-fc", "cmb-desi-des"}
    x = np.linspace(FLOOR, 0.3, 40)[:, None]
    for variant in variants("sum_m"):
        values = mass_likelihood("sum_m", variant).log_likelihood(x)
        assert np.isfinite(values).all()
        assert (np.diff(values) < 0).all()


def test_lines_are_the_limits_and_reaches_are_apart():
    lines = {line.name: line for line in mass_lines()}
    assert lines["KATRIN 259 days"].high == 0.45
    assert lines["KamLAND-Zen complete"].low == 0.028
    assert {line.quantity for line in lines.values()} == set(ABSOLUTE)
    reaches = mass_lines("m_ee", reach=True)
    assert {line.name for line in reaches} == {"nEXO (reach)", "LEGEND-1000 (reach)"}


def test_bad_names_get_one_sentence():
    with pytest.raises(InputError, match="did you mean 'sum_m'"):
        mass_likelihood("sum")
    with pytest.raises(InputError, match="did you mean 'w0wa'"):
        mass_likelihood("sum_m", "w0")
    with pytest.raises(InputError, match="measured nothing yet"):
        mass_likelihood("m_ee", "nexo")


def test_figures_show_one_limit_a_quantity_and_how_cosmology_moves_it():
    shown = absolute.shown_lines()
    assert [line.quantity for line in shown] == ["sum_m", "sum_m", "m_beta", "m_ee"]
    assert [line.low for line in shown] == [0.064, 0.16, 0.45, 0.028]
    assert all(line.source.startswith("arXiv:") for line in shown)
    floor = 0.0588  # eV, of normal ordering: no line by default lies below it
    assert min(line.low for line in shown if line.quantity == "sum_m") > floor
