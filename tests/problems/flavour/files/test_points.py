import json

import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.problems.flavour.files.points import read_points

SLHA = (
    "BLOCK SMINPUTS\n 8 5.02E-11\n 12 1E-12\n 14 8.75E-12\nBLOCK UPMNSIN\n 1 .59\n 2 .755\n 3 .15\n"
)


def test_every_kind_of_file(tmp_path):
    files = {
        "p.yaml": "dm2_3l: 2.5e-3\ndelta_cp_deg: 212\n",
        "q.yml": "observables: {dm2_3l: -2.5e-3}\n",
        "p.json": json.dumps({"dm2_3l": 2.5e-3, "m_ee": 0.003}),
        "p.csv": "dm2_3l,delta_cp_deg\n2.5e-3,10\n-2.5e-3,20\n",
        "p.in": "# spectrum\n" + SLHA,
    }
    found = {}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
        found[name] = read_points(tmp_path / name)
    assert found["p.yaml"][0].observables["delta_cp"] == pytest.approx(np.deg2rad(212))
    assert [p.ordering for p in found["p.csv"]] == ["no", "io"]
    assert found["q.yml"][0].ordering == "io"
    assert found["p.in"][0].observables["m3"] == pytest.approx(0.0502)


def test_a_seesaw_as_json(tmp_path):
    rng = np.random.default_rng(1)
    content = {"Y_re": rng.normal(size=(3, 3)).tolist(), "M": [1e13, 1e14, 1e15], "vev": 174.1}
    path = tmp_path / "y.json"
    path.write_text(json.dumps(content))
    (point,) = read_points(path)
    assert point.yukawa.shape == (3, 3)
    assert point.observables["sum_m"] > 0


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("p.yaml", "dm2_31l: 1\n", "did you mean 'dm2_3l'"),
        ("p.yaml", "dm2_3l: x\n", "not a finite number"),
        ("p.yaml", "dm2_3l: true\n", "not a finite number"),
        ("p.yaml", "dm2_3l_deg: 1\n", "is no angle"),
        ("p.yaml", "observables: 3\n", "must be a mapping"),
        ("p.yaml", "{}\n", "holds no observable"),
        ("p.json", "[1, 2]", "must hold an object"),
        ("p.json", "{", "not valid JSON"),
        ("p.json", '{"Y_re": [[1]], "M": [1, 2, 3]}', "3 x 3"),
        ("p.json", '{"M": [1, 2, 3]}', "Y_re is missing"),
        ("p.json", '{"Y_re": [[1,0,0],[0,1,0],[0,0,1]], "M": [1, -2, 3]}', "positive"),
        ("p.json", '{"Y_re": 1, "M": [1, 2, 3], "Z": 1}', "'Z' is unknown"),
        ("p.csv", "dm2_3l\nx\n", "not a finite number"),
        ("p.dat", "hello\n", "is no parameter"),
    ],
)
def test_malformed_points_get_one_sentence(tmp_path, name, text, words):
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(InputError, match=words) as error:
        read_points(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_the_ordering_that_is_said_must_be_the_points(tmp_path):
    path = tmp_path / "p.slha"
    path.write_text(SLHA)
    with pytest.raises(InputError, match="ordering no, not io"):
        read_points(path, "io")
