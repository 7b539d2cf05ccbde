import numpy as np
import pytest

from pontecorvo.problems.flavour.nufit import LABELS, OSCILLATION, founding_paper_box, nufit


@pytest.mark.parametrize("ordering", ["no", "io"])
@pytest.mark.parametrize("variant", ["with-sk", "without-sk"])
def test_all_variants_are_whole_and_centred(ordering, variant):
    measurement = nufit(ordering, variant, (*OSCILLATION, "delta_cp"))
    assert measurement.names == (*OSCILLATION, "delta_cp")
    for q in measurement.quantities:
        # the 3 sigma range holds the best value, and is 1.4 to 14 errors wide on each
        # side (two octants of theta23 and a flat delta make some of them wide)
        assert 1.4 < (q.high - q.central) / q.plus < 14
        assert 1.4 < (q.central - q.low) / q.minus < 14
    assert np.sign(measurement.central[1]) == (1 if ordering == "no" else -1)


def test_numbers_as_published():
    q = {x.name: x for x in nufit("no", names=(*OSCILLATION, "delta_cp")).quantities}
    assert q["sin2_theta23"].central == 0.470
    assert (q["dm2_3l"].low, q["dm2_3l"].high) == (2.451e-3, 2.578e-3)
    assert q["delta_cp"].central == pytest.approx(np.deg2rad(212))
    assert q["sin2_theta12"].sigma == pytest.approx(0.0115)


@pytest.mark.parametrize("ordering", ["no", "io"])
def test_the_founding_box_accepts_the_best_fit(ordering):
    from pontecorvo.physics.pmns import pmns_matrix

    q = {x.name: x.central for x in nufit(ordering, names=(*OSCILLATION, "delta_cp")).quantities}
    u = np.abs(
        pmns_matrix(q["sin2_theta12"], q["sin2_theta13"], q["sin2_theta23"], q["delta_cp"], 0, 0)
    )
    dm2_31 = q["dm2_3l"] + (q["dm2_21"] if ordering == "io" else 0)
    box = founding_paper_box(ordering)
    assert box.names == LABELS
    assert box.within_three_sigma(np.array([[q["dm2_21"], dm2_31, *u.ravel()]]))[0]
