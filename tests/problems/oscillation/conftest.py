"""One experiment for all tests of this folder."""

import pytest

from pontecorvo.problems.oscillation.external import daya_bay
from pontecorvo.problems.oscillation.fit import best_fit
from pontecorvo.problems.oscillation.juno import Juno


@pytest.fixture(scope="session")
def juno():
    return Juno()


@pytest.fixture(scope="session")
def best(juno):
    return best_fit(juno, daya_bay())
