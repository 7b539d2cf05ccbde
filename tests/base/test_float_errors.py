import numpy as np
import pytest

from pontecorvo.base.float_errors import own_float_errors


def test_a_function_runs_under_numpys_defaults_and_gives_the_callers_back():
    @own_float_errors
    def tiny(x, power=2):
        """Doc."""
        return np.exp(-np.asarray(x)) ** power

    @own_float_errors
    def broken():
        np.seterr(all="ignore")
        raise ZeroDivisionError

    with np.errstate(all="raise"):
        assert tiny([1e3], power=3) == 0
        with pytest.raises(ZeroDivisionError):
            broken()
        assert set(np.geterr().values()) == {"raise"}
    assert (tiny.__name__, tiny.__doc__) == ("tiny", "Doc.")
