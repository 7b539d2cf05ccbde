import csv

import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.problems.flavour.measurements.library import (
    correlations_of,
    find,
    library,
    ordering_offset,
    quantities_of,
    statuses,
)
from pontecorvo.problems.flavour.nufit import nufit
from shared_data import SHARED, needs_shared


def test_the_names_that_were_asked_for_are_there():
    names = {entry.name for entry in library()}
    assert names >= {"nufit-6.1", "nufit-6.0", "juno-2026", "juno-2025", "nova-juno-2026"}
    assert names >= {"nova-t2k-2025", "snoplus-2025", "dayabay-2024", "reno-2024", "t2k-2025"}
    assert names >= {"icecube-2024", "nova-2025", "juno-6y", "dune-7y", "hyperk-10y"}
    keys = [entry.key for entry in library()]
    assert len(keys) == len(set(keys))
    for entry in library():
        assert entry.source
        assert entry.licence
        assert entry.contains
        assert entry.quantities
        assert entry.date[:2] == "20"


def test_nufit_60_is_the_one_that_was_there():
    for variant in ("with-sk", "without-sk"):
        for ordering in ("no", "io"):
            names = [q.name for q in quantities_of(find("nufit-6.0", variant), ordering)]
            older = nufit(ordering, variant, names)
            assert quantities_of(find("nufit-6.0", variant), ordering) == older.quantities


@needs_shared
def test_nufit_61_is_the_summary_that_was_released():
    """Every number of the summary in `shared`, which has gaps where none was found."""
    path = SHARED / "nufit-6.1" / "summary.csv"
    rows = csv.DictReader(line for line in path.read_text().splitlines() if line[0] != "#")
    units = {"delta_cp": np.deg2rad(1), "dm2_21": 1e-5, "dm2_3l": 1e-3}
    seen = 0
    for row in rows:
        found = {
            q.name: q for q in quantities_of(find("nufit-6.1", row["variant"]), row["ordering"])
        }[row["parameter"]]
        numbers = {
            "central": found.central,
            "plus": found.plus,
            "minus": found.minus,
            "low3": found.low,
            "high3": found.high,
        }
        for key, value in numbers.items():
            if row[key]:
                assert value / units.get(found.name, 1) == pytest.approx(float(row[key])), row
                seen += 1
    assert seen > 80


def test_what_was_not_published_is_said():
    entry = find("nufit-6.1", "without-sk")
    assert "assumed" in statuses(entry, "io")["sin2_theta23"]
    assert "ours" in statuses(entry, "io")["delta_cp"]
    for entry in library():
        if entry.kind == "forecast":
            said = statuses(entry, "no")
            assert "assumed" in entry.note
            assert all(text.startswith("assumed") for text in said.values())


def test_correlations_have_the_right_sign():
    for name in ("juno-2025", "juno-2026", "nufit-6.1"):
        (pair,) = correlations_of(find(name))
        assert pair[2] < 0
    assert correlations_of(find("juno-2025"))[0][3] == "published"


def test_offsets_between_orderings():
    assert ordering_offset(find("nufit-6.1", "with-sk")) == pytest.approx(5.908, abs=1e-3)
    assert ordering_offset(find("nufit-6.1", "without-sk")) == pytest.approx(1.486, abs=1e-3)
    assert ordering_offset(find("dayabay-2024")) is None


def test_unknown_names_get_one_sentence():
    with pytest.raises(InputError, match=r"did you mean 'nufit-6\.1'"):
        find("nufit61")
    with pytest.raises(InputError, match="allowed: with-sk, without-sk"):
        find("nufit-6.1", "sk")
    with pytest.raises(InputError, match="no numbers for ordering 'io'"):
        quantities_of(find("t2k-2025"), "io")
