"""Sets and pairs follow from what the experiments declare."""

from pontecorvo.problems.sterile.discovery import declared
from pontecorvo.problems.sterile.groups import (
    GROUPS,
    OTHERS,
    PAIRS,
    colours,
    fitted_sets,
    group_names,
    group_of,
    largest_sets,
    members,
    pairs,
)


def test_every_set_has_members_and_every_pair_two_sides():
    assert group_names() == [*GROUPS]
    for name in group_names():
        assert members(name)
    for pair in PAIRS:
        assert members(pair.first)
        assert pair.second == OTHERS or members(pair.second)


def test_members():
    assert members("gallium") == ("gallex", "sage", "best")
    assert members("solar") == ("solar",)
    assert members("nobody") == ()
    assert largest_sets() == ["reactors", "gallium", "carbon"]
    assert "rates" not in fitted_sets()  # part of the reactors' rates
    assert set(members("reactors")) == {
        *members("reactor-rates"),
        *members("reactor-spectra"),
    }


def test_pairs_have_two_sides_that_are_there():
    found = pairs(["danss", "best", "karmen"])
    assert found == {
        ("gallium", "reactor spectra"): (["best"], ["danss"]),
        ("gallium", "reactors"): (["best"], ["danss"]),
        ("gallium", OTHERS): (["best"], ["danss", "karmen"]),
    }
    assert list(pairs(["danss", "best"], evidence=True)) == [
        ("gallium", "reactors"),
        ("gallium", OTHERS),
    ]
    assert pairs(["danss"]) == {}


def test_titles_and_colours():
    assert group_of("gallium").title == "Gallium"
    assert group_of("very-short").title == "Very short"
    assert colours() == {
        "reactor-rates": "#0072B2",
        "reactor-spectra": "#56B4E9",
        "gallium": "#D55E00",
        "carbon": "#009E73",
        "solar": declared()["solar"].colour,
    }
