"""The shipped solutions: every label is computed anew."""

import numpy as np

from pontecorvo.base.tables import shipped
from pontecorvo.problems.founding_paper.settings import FoundingSettings
from pontecorvo.problems.founding_paper.solutions import accepted_solutions


def test_every_shipped_solution_is_one():
    found = accepted_solutions()
    assert len(found.theta) >= 104
    assert set(found.how) == {"recipe", "steered"}
    for ordering in np.unique(found.ordering):
        settings = FoundingSettings(ordering=str(ordering))
        target = settings.target()
        labels = settings.labels(target.model)
        theta = found.theta[found.ordering == ordering]
        assert labels.accepted(labels.values(theta)).all()
        assert np.isfinite(target.log_prior(theta)).all()
    assert len(np.unique(found.theta, axis=0)) == len(found.theta)


def test_the_file_is_small_and_says_what_it_is():
    path = shipped("pontecorvo.problems.founding_paper", "solutions.csv")
    assert path.stat().st_size < 100_000
    assert "no posterior" in accepted_solutions().source
