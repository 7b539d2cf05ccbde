"""Mutated files of every kind: read, or refused in one sentence."""

import random
import re

import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.problems.flavour.files.compilation import read_compilation
from pontecorvo.problems.flavour.files.hepdata import read_hepdata
from pontecorvo.problems.flavour.files.nufit_release import read_nufit_release
from pontecorvo.problems.flavour.files.points import read_points
from pontecorvo.problems.flavour.measurements.resolve import resolve_measurement

TOKENS = (
    *("nan", "inf", "-1", "0", "1e999", "1e308", '""', "[]", "{}", "null", "true", '"', "'"),
    *(
        ",",
        "\n",
        "\t",
        ":",
        "#",
        "&a",
        "*a",
        "\x00",
        "é",
        "1e-320",
        "BLOCK",
        "1 2",
        "9" * 400,
        "3j",
    ),
)
SLHA = (
    "BLOCK SMINPUTS\n 8 5.02E-11\n 12 1.00E-12\n 14 8.75E-12\nBLOCK UPMNSIN\n 1 0.59\n 2 0.755\n"
    " 3 0.1505\n 4 3.7\n 5 0.4\n 6 1.1\nBLOCK RHN\n 1 1E12\n 2 3E13\n 3 2E14\n 4 0.3\n 5 -0.7\n"
)
CARD = (
    "m -0.7\nM1 6.7\nM2 7.5\nM3 8.1\nx1 -99.5\ny1 180\nx2 94\ny2 0.5\nx3 -9.59\ny3 177.5\n"
    "delta 217\na21 133.4\na31 367.99\nt23 49.7\nt12 33.82\nt13 8.61\n"
)
OWN = (
    "source: t\nquantities:\n  dm2_21: {central: 7.49e-5, sigma: 0.19e-5}\n"
    "  delta_cp: {central: 212, sigma: 30, unit: deg}\n"
)
COMPILED = (
    "experiment: X\nresult:\n  splitting_large:\n    mode: '32'\n    results:\n"
    "      - ordering: 'NO'\n        value: 2.4\n        uncertainty: {left: 0.04, right: 0.05}\n"
    "  amplitude12: {value: 0.3, uncertainty: {interval: [0.29, 0.32]}}\n"
)
HEP = (
    "independent_variables:\n- header: {name: E, units: MeV}\n  values: [{low: 1, high: 2}]\n"
    "dependent_variables:\n- header: {name: n}\n  values: [{value: 3, errors: [{symerror: 5%}]}]\n"
)
PROFILE = "sin2_theta12,chi2\n" + "\n".join(f"{0.28 + 0.003 * i},{(i - 9) ** 2}" for i in range(12))
SEESAW = '{"Y_re": [[1,0.2,0],[0.1,1,0],[0,0.5,1]], "M": [1e12, 2e13, 3e14], "vev": 174.1}'
RELEASE = "# T23 projection:\n" + "\n".join(f"{0.4 + 0.02 * i} {(i - 4) ** 2}" for i in range(9))


def every_table(path):
    found = read_nufit_release(path)
    return [found.table(*key).quantities for key in found.projections]


def both(path):
    return [read_compilation(path).measurement("no"), resolve_measurement(path)]


CASES = {
    "p.slha": (SLHA, read_points),
    "p.dat": (CARD, read_points),
    "p.csv": ("dm2_21,dm2_3l,delta_cp_deg\n7.5e-5,2.5e-3,200\n", read_points),
    "p.json": (SEESAW, read_points),
    "p.yaml": ("dm2_3l: 2.5e-3\ndelta_cp_deg: 212\n", read_points),
    "c.yaml": (COMPILED, both),
    "m.yaml": (OWN, resolve_measurement),
    "t.csv": (PROFILE, lambda path: resolve_measurement(path).quantities),
    "h.yaml": (HEP, read_hepdata),
    "h.csv": ('"E [MeV]","n","stat +","stat -"\n1.25,10,3,-3\n2.0,20,1,-1\n', read_hepdata),
    "r.txt": (RELEASE, every_table),
}


def mutated(text, rng):
    for _ in range(rng.randint(1, 4)):
        place, kind = rng.randrange(len(text) + 1), rng.randrange(5)
        if kind == 0:
            text = text[:place] + rng.choice(TOKENS) + text[place:]
        elif kind == 1:
            text = text[:place] + text[place + rng.randint(1, 12) :]
        elif kind == 2:
            lines = text.split("\n")
            lines[rng.randrange(len(lines))] = rng.choice(lines)
            text = "\n".join(lines)
        elif kind == 3 and (found := list(re.finditer(r"[-+]?\d+\.?\d*(?:[eE][-+]?\d+)?", text))):
            number = rng.choice(found)
            text = text[: number.start()] + rng.choice(TOKENS) + text[number.end() :]
        else:
            text = text[:place]
    return text


@pytest.mark.parametrize("name", list(CASES))
def test_the_untouched_file_is_read(tmp_path, name):
    text, read = CASES[name]
    (tmp_path / name).write_text(text)
    assert read(tmp_path / name)


@pytest.mark.parametrize(
    "count", [40, pytest.param(1500, marks=pytest.mark.slow)], ids=["few", "many"]
)
@pytest.mark.parametrize("name", list(CASES))
def test_a_mutated_file_is_read_or_refused_in_one_sentence(tmp_path, name, count):
    text, read = CASES[name]
    rng = random.Random(f"{name} {count}")
    path = tmp_path / name
    for _ in range(count):
        path.write_text(mutated(text, rng), encoding="utf-8")
        try:
            read(path)
        except InputError as error:
            sentence = str(error)
            assert "\n" not in sentence
            assert len(sentence) < 1500
