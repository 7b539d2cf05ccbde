"""Heavy masses, CP phases, place of m_ee, digits: planted ones are seen, flat ones are said so."""

import numpy as np

from pontecorvo.base.seeds import stream
from pontecorvo.physics.masses import masses_from_splittings
from pontecorvo.physics.pmns import pmns_matrix
from pontecorvo.problems.flavour.structure.explain import explain
from pontecorvo.problems.flavour.structure.open_questions import answers, heavy_mass_correlations
from pontecorvo.problems.flavour.structure.planted import PLANTED
from pontecorvo.problems.flavour.structure.structure_draws import StructureDraws

N = 2000


def _of(phases, ordering="no", m1=0.05, heavy=None):
    """Draws whose U has the phases (3, N), with R = 1: Y = U* sqrt(m M)/v."""
    delta, alpha21, alpha31 = phases
    u = pmns_matrix(0.308, 0.0225, 0.47, delta, alpha21, alpha31)
    light = masses_from_splittings(m1, 7.5e-5, 2.5e-3, ordering)
    heavy = np.array([1e13, 2e13, 4e13]) if heavy is None else heavy
    y = u.conj() * np.sqrt(light * 1e-9 * heavy)[..., None, :] / 174.1
    return StructureDraws(y, np.broadcast_to(heavy, (len(y), 3)), ordering=ordering)


def _by_name(found):
    return {answer.question: answer for answer in found}


def test_flat_phases_are_flat_and_planted_ones_are_not():
    rng = stream(0, "open questions")
    flat = _of(2 * np.pi * rng.random((3, N)))
    phases = 2 * np.pi * rng.random((3, N))
    phases[0] = np.pi / 2 + 0.2 * rng.normal(size=N)
    found = _by_name(answers(_of(phases), flat))["CP phases"]
    assert all(found.values[name]["prior"]["flat"] for name in found.values)
    assert not found.values["delta_cp"]["posterior"]["flat"]
    assert found.values["alpha21"]["posterior"]["flat"]
    assert abs(found.values["delta_cp"]["posterior"]["quartiles"][1] - 90) < 2
    assert "not flat (the prior's is flat)" in found.sentence


def test_place_of_m_ee_is_that_of_flat_phases_or_of_an_edge():
    rng = stream(1, "open questions")
    flat = _of(2 * np.pi * rng.random((3, N)))
    highest = _of(np.zeros((3, N)))  # all terms in phase
    values = _by_name(answers(highest, flat))["m_ee in its band"].values
    assert np.allclose(list(values["posterior"]["found"].values()), [0.0, 1.0])
    for edge in ("lower_edge", "upper_edge"):
        gap = values["prior"]["found"][edge] - values["prior"]["flat_phases"][edge]
        assert abs(gap) < 4 * values["prior"]["error"]
        assert values["prior"]["found"][edge] > 0.1  # flat phases crowd at both edges


def test_digits_and_heavy_masses():
    rng = stream(2, "open questions")
    y = rng.choice([1.0, 0.1], (N, 3, 3)) * (1 + 1j)
    y[:, 0, 0], y[:, 2, 1:] = 1 + 1j, [0.1 + 0.1j, 1 + 1j]
    prior = StructureDraws(y, np.sort(10 ** rng.uniform(12, 17, (N, 3)), axis=1))
    far = y.copy()
    far[:, 0, 0] = 1e-3 * (1 + 1j)
    common = rng.uniform(12, 14, N)
    m = 10 ** np.stack([common, common + 1 + 0.02 * rng.random(N), 16 + rng.random(N)], axis=1)
    posterior = StructureDraws(far, m)
    found = _by_name(answers(posterior, prior, knows=prior))
    assert "reference" not in found["digits of hierarchy"].values["posterior"]
    digits = found["digits of hierarchy"].values
    assert digits["prior"] == {"1": 1.0}
    assert digits["posterior"] == {"3": 1.0}
    first = found["heavy masses"].values["log M1, log M2"]
    assert first["posterior"]["correlation"] > 0.99
    assert abs(first["prior"]["correlation"] - 0.5) < 0.1  # order alone makes one half
    assert "stronger than the prior" in found["heavy masses"].sentence
    assert heavy_mass_correlations(posterior)["log M1, log M2"][1] > 0.99


def test_explain_has_the_answers():
    kind = PLANTED[0]
    rng = stream(3, "open questions")
    findings = explain(kind.posterior(200, rng), kind.prior(400, rng))
    assert [a.question for a in findings.answers] == [
        "heavy masses", "CP phases", "m_ee in its band", "digits of hierarchy",
    ]  # fmt: skip
    assert findings.as_json()["answers"][0]["sentence"] == findings.answers[0].sentence
