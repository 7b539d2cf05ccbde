"""numba's cache on disk may fail in any way: the compiled function is the same."""

from types import SimpleNamespace

import numba
import pytest

from pontecorvo.base import compiled


@pytest.fixture(autouse=True)
def untold(monkeypatch):
    monkeypatch.setattr(compiled, "_told", False)


def square(x):
    return x * x


def test_both_ways_to_decorate():
    assert compiled.njit(square)(3.0) == 9.0
    made = compiled.njit("float64(float64)", nogil=True)(square)
    assert made(3) == 9.0
    assert made.signatures == [(numba.float64,)], "the signature and the options are numba's"


def test_no_place_for_a_cache_is_told_once(monkeypatch, capsys):
    asked, real = [], numba.njit

    def njit(**options):
        asked.append(options)
        if options["cache"]:
            raise RuntimeError("cannot cache function 'square': no locator available")
        return real(**options)

    monkeypatch.setattr(compiled.numba, "njit", njit)
    for _ in range(2):
        assert compiled.njit(cache=True)(square)(3.0) == 9.0
    assert asked[:2] == [{"cache": True}, {"cache": False}]
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "NUMBA_CACHE_DIR" in said


def test_another_error_of_the_compiler_is_not_hidden(monkeypatch):
    def njit(**options):
        raise RuntimeError("something else")

    monkeypatch.setattr(compiled.numba, "njit", njit)
    with pytest.raises(RuntimeError, match="something else"):
        compiled.njit(cache=True)(square)


def test_faults_of_the_cache_files_end_nothing(capsys):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    def cut(*arguments):
        raise EOFError("Ran out of input")

    cache = SimpleNamespace(save_overload=full, load_overload=cut)
    compiled._guard(SimpleNamespace(_cache=cache))
    assert cache.save_overload("signature", "data") is None
    assert cache.load_overload("signature") is None
    assert capsys.readouterr().err.count("No space left on device") == 1
    whole = SimpleNamespace(save_overload=lambda x: None, load_overload=lambda x: [x])
    compiled._guard(SimpleNamespace(_cache=whole))
    assert whole.load_overload(7) == [7], "what can be read is read"
