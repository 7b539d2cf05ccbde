"""Tables: what is in a file, and one sentence for everything that must not be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pontecorvo.base.errors import InputError
from pontecorvo.base.tables import check_covariance, read_covariance, read_matrix, read_table


@pytest.fixture
def file(tmp_path):
    def write(text):
        (tmp_path / "t.csv").write_text(text)
        return tmp_path / "t.csv"

    return write


def test_columns_by_name_and_as_a_matrix(file):
    table = read_table(file("# from somewhere\nE,rate,name\n1,2,a\n3,4.5e-1,b\n"), ["E", "rate"])
    assert len(table) == 2
    assert table["rate"].tolist() == [2, 0.45]
    assert table.matrix(["rate", "E"]).tolist() == [[2, 1], [0.45, 3]]
    assert [row["name"] for row in table.rows()] == ["a", "b"]
    assert "from somewhere" in table.source


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("E,rate\n", "column names but no rows"),
        ("", "holds no rows"),
        ("E,rate\n1,2\n3\n", "row 2 has 1 values; the header names 2 columns"),
        ("E,rats\n1,2\n", "column 'rate' is missing; it has 'E, rats'"),
        ("E,rate\n1,two\n", "column 'rate' must hold numbers only"),
        ("E,rate\n1,inf\n", "column 'rate' must hold finite numbers only"),
        ("E,rate\n0,1\n", "column 'E' holds 0; it must be positive"),
        ("E,rate\n1,-2\n", "column 'rate' holds -2; it must be zero or positive"),
    ],
)
def test_what_is_refused(file, text, sentence):
    with pytest.raises(InputError, match=sentence):
        read_table(file(text), positive=["E"], not_negative=["rate"])


@given(st.integers(0, 2**31), st.integers(1, 5))
def test_a_covariance_is_made_exactly_symmetric(seed, size):
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(size, size)) + 3 * np.eye(size)
    covariance = root @ root.T + 0.1 * np.eye(size)
    rounded = covariance * (1 + 1e-8 * rng.uniform(-1, 1, (size, size)))
    made = check_covariance(rounded, "c")
    assert np.array_equal(made, made.T)
    assert made == pytest.approx(covariance, rel=1e-7, abs=1e-7)


def test_a_matrix_that_is_no_covariance(file):
    with pytest.raises(InputError, match="is not symmetric"):
        check_covariance(np.array([[1.0, 0.2], [0.1, 1.0]]), "c")
    with pytest.raises(InputError, match="is not positive definite"):
        check_covariance(np.array([[1.0, 2.0], [2.0, 1.0]]), "c")
    path = file("1,0.5\n0.5,2\n")
    assert read_covariance(path, 2).tolist() == read_matrix(path).tolist() == [[1, 0.5], [0.5, 2]]
    with pytest.raises(InputError, match=r"t\.csv"):
        read_covariance(path, 3)
