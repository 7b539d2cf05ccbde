import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pontecorvo.base.errors import InputError
from pontecorvo.problems.flavour.files.slha import Block, read_slha, require, write_slha

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@given(st.dictionaries(st.tuples(st.integers(-99, 99), st.integers(1, 9)), NUMBERS, max_size=9))
def test_every_number_comes_back_to_the_last_bit(tmp_path_factory, entries):
    path = tmp_path_factory.mktemp("slha") / "x.slha"
    blocks = {"A": Block("A", {(1,): 1.0}), "YX": Block("YX", entries, scale=91.1876)}
    write_slha(path, blocks, "made\nup")
    back = read_slha(path)
    assert back["YX"].entries == entries
    assert back["YX"].scale == 91.1876


def test_what_other_programs_write_is_read(tmp_path):
    path = tmp_path / "s.spc"
    path.write_text(
        "# spectrum\n"
        "Block SPINFO  # program\n   1  SOMECODE  # name\n   2  3.1.4\n"
        "Block MASS\n  25 1.25E+02 # h0\n   1000022   9.7D+01\n"
        "BLOCK gauge Q= 9.11876000E+01  # at M_Z\n 1 3.6d-01\n"
        "BLOCK ALPHA\n  -1.1E-01\n"
        "DECAY 25 4.1E-03\n  5.8E-01 2 5 -5 # BR\n"
        "Block Yu Q=1e3\n 3 3 8.9E-01\n"
    )
    blocks = read_slha(path)
    assert blocks["MASS"][25] == 125.0
    assert blocks["MASS"][1000022] == 97.0
    assert blocks["MASS"].comments[25,] == "h0"
    assert blocks["GAUGE"].scale == 91.1876
    assert blocks["GAUGE"][1] == 0.36
    assert blocks["ALPHA"].entries == {(): -0.11}
    assert blocks["YU"][3, 3] == 0.89
    assert blocks["SPINFO"].entries == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no BLOCK"),
        ("1 2 3\nBLOCK A\n", "before any BLOCK"),
        ("BLOCK\n 1 2\n", "has no name"),
        ("BLOCK A\n 1 x\n", "not a number"),
        ("BLOCK A\n 1 nan\n", "not a finite"),
        ("BLOCK A\n 1.5 2.0\n", "not a whole number"),
        ("BLOCK A\n 1 2.0\n 1 3.0\n", "entry 1 stands twice"),
        ("BLOCK A\n 1 2.0\nBLOCK a\n", "block A stands twice"),
        ("BLOCK A Q= high\n", "not a number"),
    ],
)
def test_malformed_files_get_one_sentence_with_the_line(tmp_path, text, words):
    path = tmp_path / "bad.slha"
    path.write_text(text)
    with pytest.raises(InputError, match=words) as error:
        read_slha(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_no_file_no_text_and_no_regular_file(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_slha(tmp_path / "none")
    with pytest.raises(InputError, match="no regular file"):
        read_slha(tmp_path)
    (tmp_path / "b").write_bytes(np.arange(200, 256, dtype=np.uint8).tobytes())
    with pytest.raises(InputError, match="not text"):
        read_slha(tmp_path / "b")


def test_what_is_missing_is_named(tmp_path):
    blocks = {"UPMNSIN": Block("UPMNSIN", {(1,): 0.5})}
    with pytest.raises(InputError, match="entry 2 is missing; it has"):
        blocks["UPMNSIN"][2]
    with pytest.raises(InputError, match="did you mean 'UPMNSIN'"):
        require(blocks, "UPMNS", "f")
