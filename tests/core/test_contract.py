"""What a model declares is checked before a draw, in one sentence each."""

import numpy as np
import pytest

from pontecorvo import (
    GaussianMeasurement,
    InputError,
    Measured,
    Model,
    Prior,
    Quantity,
    Target,
    Uniform,
)
from pontecorvo.core.contract import check_contract, check_latex

AB = (Quantity("a"), Quantity("b"))


def target(parameters=AB, forward=np.copy, **members):
    """A model of two parameters and two observables with something declared wrong."""

    class Two(Model):
        name = "two"
        observables = (Quantity("x"), Quantity("y"))
        prior = Prior([Uniform(0, 10), Uniform(0, 10)])

        def forward(self, theta):
            return forward(theta)

    Two.parameters = parameters
    for name, value in members.items():
        setattr(Two, name, value)
    measured = [Measured("x", 2.0, 0.5), Measured("y", 7.0, 0.5)]
    return Target(Two(), GaussianMeasurement(measured))


def spoil(theta):
    theta *= 2
    return theta


def test_what_is_right_passes():
    check_contract(target())
    check_latex(target())


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ((Quantity("a"), Quantity("a")), "'a' stands twice"),
        ((Quantity("a/b"), Quantity("b")), "'a/b' cannot stand in a NetCDF file"),
        ((Quantity("chain"), Quantity("b")), "'chain' is reserved"),
        ((Quantity("a "), Quantity("b")), "is no name"),
        ((Quantity("a\n"), Quantity("b")), "is no name"),
        ((Quantity("a"),), "densities for 1 parameters"),
        (("a", "b"), "'a' is no Quantity"),
        ((), "there are none"),
    ],
)
def test_names(parameters, words):
    with pytest.raises(InputError, match="model 'two'") as caught:
        check_contract(target(parameters))
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("forward", "words"),
    [
        (spoil, "changes its argument"),
        (lambda t: t[:, 0], r"gives an array \(7,\)"),
        (lambda t: t[:, :1], r"gives an array \(7, 1\)"),
        (lambda t: t.T.copy(), r"gives an array \(2, 7\)"),
        (lambda t: np.array([t[0], t[1]]), r"gives an array \(2, 2\)"),
        (lambda t: [list(row) for row in t], "gives a list"),
        (lambda t: t.astype(complex), "complex128"),
        (lambda t: t.astype(str), "real numbers are wanted"),
        (lambda t: t - t.mean(axis=0), "another answer for a point alone"),
        (lambda t: t @ np.ones((3, 2)), r"forward fails on 7 points .*ValueError"),
    ],
)
def test_forward(forward, words):
    with pytest.raises(InputError, match=words):
        check_contract(target(forward=forward))


def test_predictions_and_variables():
    with pytest.raises(InputError, match="gives no 'z'"):
        check_contract(
            target(
                prediction_quantities=(Quantity("z"),),
                predict=lambda self, theta: {"zz": theta[:, 0]},
            )
        )
    with pytest.raises(InputError, match="does not give back the parameters"):
        check_contract(target(from_variables=lambda self, v: np.stack([v["b"], v["a"]], axis=1)))


def test_a_likelihood_that_is_not_a_number_is_refused():
    bad = target()
    bad.measurement.log_likelihood = lambda values: np.full(len(values), np.nan)
    with pytest.raises(InputError, match="NaN or"):
        check_contract(bad)


@pytest.mark.parametrize("latex", [r"x_{\si{eV}}", "$x$", r"\frac{1", r"\unknown"])
def test_latex_that_does_not_render(latex):
    with pytest.raises(InputError, match="a: latex"):
        check_latex(target((Quantity("a", latex), Quantity("b"))))


def test_measured_names_are_matched_by_name():
    measured = [Measured("y", 7.0, 0.5), Measured("x", 2.0, 0.1)]
    swapped = Target(target().model, GaussianMeasurement(measured))
    theta = np.array([[2.0, 7.0], [7.0, 2.0]])
    right, wrong = swapped.log_likelihood(theta)
    assert right > wrong + 100
    assert swapped.within_three_sigma(theta).tolist() == [True, False]
    alone = Target(target().model, GaussianMeasurement(measured[:1]))
    assert alone.within_three_sigma(theta).tolist() == [True, False]
    with pytest.raises(InputError, match="'z': the model 'two' has no such observable"):
        Target(target().model, GaussianMeasurement([Measured("z", 0.0, 1.0)]))


def test_a_chart_that_cannot_be_made_is_one_sentence():
    def broken(self, measurement):
        raise KeyError("asymmetry")

    with pytest.raises(InputError, match=r"conditioned_chart fails .*KeyError: .*return None"):
        check_contract(target(conditioned_chart=broken))
