"""The planted posteriors are what they say."""

import numpy as np

from pontecorvo.base.seeds import stream
from pontecorvo.problems.flavour.structure.planted import MEASURED, PLANTED


def test_weights_are_unequal_and_names_different():
    assert len({p.name for p in PLANTED}) == len(PLANTED)
    for kind in PLANTED:
        draws = kind.posterior(500, stream(0, kind.name))
        assert 50 < draws.effective < 0.9 * len(draws.y)


def test_the_measurement_narrows_what_it_measures():
    kind = next(p for p in PLANTED if p.measured)
    rng = stream(1, kind.name)
    posterior, prior = kind.posterior(800, rng), kind.prior(4000, rng)
    for name, (central, _) in MEASURED.items():

        def off(d, name=name, central=central):
            return d.w @ (d.predictions[name] - central) ** 2

        assert off(posterior) < off(prior)
    assert np.isfinite(posterior.w).all()
