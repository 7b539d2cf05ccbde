import re

import numpy as np
import pytest

from pontecorvo.study.export_latex import escaped, row, scale, write_latex
from pontecorvo.study.finished_run import Column, open_run
from weighted_run import answer, finished


def column(values, unit="1", latex="x"):
    return Column("x", np.asarray(values, float), unit, latex, True)


def test_the_table_has_the_posteriors_numbers(tmp_path):
    run = open_run(finished(tmp_path / "out"))
    (path,) = write_latex(run, tmp_path / "t.tex")
    text = path.read_text()
    assert text.count(r"\\") == 3
    line = next(line for line in text.splitlines() if line.startswith("$x$"))
    middle, plus, minus = map(
        float, re.search(r"\$ ([-\d.]+)\^\{\+([\d.]+)\}_\{-([\d.]+)\} \$", line).groups()
    )
    mean, deviation, _ = answer()
    assert middle == pytest.approx(mean, abs=0.05)
    assert plus == pytest.approx(deviation, abs=0.06)
    assert minus == pytest.approx(deviation, abs=0.06)
    assert line.endswith(r"eV \\")


def test_small_numbers_are_given_with_their_power():
    values = 7.5e-5 + 1e-6 * np.linspace(-2, 2, 2001)
    line = row(column(values, "eV^2"), np.full(2001, 1 / 2001))
    assert "$10^{-5}$ eV$^2$" in line
    assert "$ 7.50^" in line
    assert scale(np.array([-0.1, 0.0, 0.1])) == (0, 2)
    assert scale(np.array([2.0, 2.0, 2.0]))[0] == 0


def test_special_characters_are_escaped():
    assert escaped("log10_M^2 & 5%") == r"log10\_M\^{}2 \& 5\%"
    assert r"\texttt{x}" in row(column([1.0, 2.0], latex=""), np.array([0.5, 0.5]))
