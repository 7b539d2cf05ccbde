import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.problems.flavour.files.compilation import read_compilation
from pontecorvo.problems.flavour.measurements.library import find, quantities_of
from shared_data import SHARED, needs_shared

LIBRARY = {
    "dayabay_2024-06-nGd-nH": ("dayabay-2024", None),
    "icecube_2024-05": ("icecube-2024", None),
    "juno_2025-11_nature": ("juno-2025", None),
    "juno_2026-06_neutrino2026": ("juno-2026", "with-dayabay"),
    "nova_2025-09": ("nova-2025", None),
    "nova_juno_2026": ("nova-juno-2026", None),
    "nova_t2k_2025": ("nova-t2k-2025", None),
    "snoplus_2025-11_combined": ("snoplus-2025", None),
    "t2k_2025-06": ("t2k-2025", None),
    "theor_nufit_6-1_2025-12": ("nufit-6.1", "with-sk"),
    "theor_nufit_6_2024-10": ("nufit-6.0", "with-sk"),
    "reno_2024-12-nGd-full": ("reno-2024", None),
}
LOOSE = {"reno_2024-12-nGd-full": 1e-3}  # the library rounds what is added in quadrature


@needs_shared
@pytest.mark.parametrize("stem", list(LIBRARY))
def test_every_shared_file_has_the_librarys_numbers(stem):
    name, variant = LIBRARY[stem]
    entry, found = find(name, variant), read_compilation(SHARED / "measurements" / f"{stem}.yaml")
    for ordering in entry.orderings:
        mine = {q.name: q for q in quantities_of(entry, ordering)}
        theirs = {q.name: q for q in found.measurement(ordering).quantities}
        assert set(mine) == set(theirs)
        for key, quantity in theirs.items():
            assert mine[key].central == pytest.approx(quantity.central, rel=1e-9)
            tolerance = LOOSE.get(stem, 1e-6)
            assert mine[key].plus == pytest.approx(quantity.plus, rel=tolerance)
            assert mine[key].minus == pytest.approx(quantity.minus, rel=tolerance)


@needs_shared
def test_the_forecasts_have_their_curves():
    assert len(list((SHARED / "measurements").glob("*.yaml"))) == len(LIBRARY) + 3
    dune = read_compilation(SHARED / "measurements" / "dune_future_2024.yaml")
    assert dune.estimate
    assert dune.sensitivities["dcp_res"]["year"] == [1, 2, 3, 5, 7, 8, 10, 12, 15]
    assert dune.sensitivities["dcp_res"]["line_0"][4] == 10.82
    juno = read_compilation(SHARED / "measurements" / "juno_future_2025-reactor.yaml")
    assert len(juno.sensitivities["mh"]["year"]) == len(juno.sensitivities["mh"]["low"]) == 78
    kamiokande = read_compilation(SHARED / "measurements" / "hyperk_future_2018_acc_atm.yaml")
    assert kamiokande.measurement("no").quantities[1].central == 0.55
    assert kamiokande.sensitivities["dcp"]["line"][-1] == 11.28


def test_a_half_quoted_text_is_read_and_said(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text(
        'experiment: X\ndataset: "1e20" (A) and "3 days" (it\'s B)\n'
        "result:\n  amplitude12: {value: 0.3, uncertainty: 0.01}\n"
    )
    found = read_compilation(path)
    assert found.notes
    assert found.numbers[0].central == 0.3


TEMPLATE = "experiment: X\nresult:\n  %s\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [1", "not valid YAML"),
        ("- 1\n", "must hold a mapping"),
        ("experiment: X\n", "no mapping 'result'"),
        (TEMPLATE % "amplitude14: {value: 1, uncertainty: 1}", "is unknown; allowed"),
        (TEMPLATE % "amplitude13: {value: 1, uncertainty: 1}", "mode ''; allowed: 'single'"),
        (TEMPLATE % "amplitude12: {value: x, uncertainty: 1}", "value: 'x' is not a finite"),
        (TEMPLATE % "amplitude12: {value: .nan, uncertainty: 1}", "not a finite"),
        (TEMPLATE % "amplitude12: {value: true, uncertainty: 1}", "not a finite"),
        (TEMPLATE % "amplitude12: {value: 0.3}", "uncertainty: 'None'"),
        (TEMPLATE % "amplitude12: {value: 0.3, uncertainty: -1}", "both must be positive"),
        (TEMPLATE % "amplitude12: {value: 0.3, uncertainty: {left: 1}}", "right"),
        (TEMPLATE % "amplitude12: {value: 0.3, uncertainty: {interval: [1]}}", "give .low, high."),
        (TEMPLATE % "amplitude12: {results: 3}", "list of mappings"),
        (
            TEMPLATE % "amplitude12: {results: [{ordering: XO, value: 1, uncertainty: 1}]}",
            "allowed: NO, IO",
        ),
        ("x: &a [*a]\n", "alias holds itself"),
    ],
)
def test_malformed_files_get_one_sentence(tmp_path, text, words):
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=words) as error:
        read_compilation(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_bare_no_is_normal_ordering(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text(
        "experiment: X\nresult:\n  splitting_large:\n    mode: '32'\n    results:\n"
        "      - ordering: NO\n        value: 2.4\n"
        "        uncertainty: {stat: 0.03, syst: {left: 0.04, right: 0.04}}\n"
    )
    (number,) = read_compilation(path).numbers
    assert number.ordering == "no"
    assert number.plus == pytest.approx(np.hypot(0.03, 0.04))
    with pytest.raises(InputError, match="no measured number for ordering 'io'"):
        read_compilation(path).measurement("io")
