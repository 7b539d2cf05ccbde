"""What a model declares, checked before a draw is made: each fault is one sentence."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..base.errors import InputError, brief
from .measurement import Measured
from .model import Model
from .plausibility import implausible
from .quantity import Quantity
from .target import LikelihoodTarget

RESERVED = ("chain", "draw")
"""Names of the dimensions of posterior.nc."""
_POINTS = 7


def check_contract(target: LikelihoodTarget) -> None:
    """Check names, and what the model's functions give at a few points of the prior.

    Raises:
        InputError: The first fault, in one sentence: what, where, what is allowed.
    """
    model = target.model
    where = f"model {getattr(model, 'name', type(model).__name__)!r}"
    for what in ("parameters", "observables"):
        check_names(getattr(model, what, ()), f"{where}, {what}")
    check_names(model.prediction_quantities, f"{where}, prediction_quantities")
    if len(model.prior) != len(model.parameters):
        raise InputError(
            f"{where}: its prior has {len(model.prior)} densities for {len(model.parameters)} "
            "parameters; give one for each, in their order"
        )
    # more points than observables or parameters, so that no other shape can be taken for theirs
    count = max(_POINTS, len(model.parameters) + 1, len(model.observables) + 1)
    theta = model.prior.from_unit_cube(
        np.random.default_rng(0).random((min(count, 600), len(model.parameters)))
    )
    _check_measured(target)
    _check_forward(model, theta, where)
    _check_predictions(model, theta, where)
    _check_variables(model, theta, where)
    _check_charts(target, where)
    _check_likelihood(target, theta, where)


def check_names(quantities: Sequence[Quantity], where: str) -> None:
    """Names that files and figures can hold, each once.

    Raises:
        InputError: If one is not.
    """
    if not quantities:
        raise InputError(f"{where}: there are none; give at least one Quantity")
    seen: set[str] = set()
    for quantity in quantities:
        if not isinstance(quantity, Quantity):
            raise InputError(
                f"{where}: {brief(quantity)} is no Quantity; give Quantity(name, latex)"
            )
        name = quantity.name
        if not isinstance(name, str) or not name.strip() or name != name.strip():
            raise InputError(
                f"{where}: {brief(name)} is no name; give text without spaces at its ends"
            )
        if name in RESERVED:
            raise InputError(f"{where}: {name!r} is reserved (a dimension of posterior.nc); rename")
        if "/" in name or name.startswith(".") or not name.isprintable():
            raise InputError(
                f"{where}: {brief(name)} cannot stand in a NetCDF file; no '/', no leading '.', "
                "printable characters only"
            )
        if name in seen:
            raise InputError(f"{where}: {brief(name)} stands twice; names must differ")
        seen.add(name)


def check_latex(target: LikelihoodTarget) -> None:
    """See that every symbol renders, before the figures need them.

    Raises:
        InputError: If one does not.
    """
    from matplotlib.mathtext import MathTextParser

    parser: Any = MathTextParser("path")
    model = target.model
    every = (*model.parameters, *model.prediction_quantities, *model.observables)
    for latex, name in {q.latex: q.name for q in every if q.latex}.items():
        if "$" in latex:
            raise InputError(f"{name}: latex {latex!r} holds a dollar sign; give it without")
        try:
            parser.parse(f"${latex}$")
        except (ValueError, RuntimeError) as error:
            reason = str(error).strip().splitlines()[-1].strip()
            raise InputError(f"{name}: latex {latex!r} does not render ({reason})") from None


def _check_measured(target: LikelihoodTarget) -> None:
    """Units and signs that cannot be meant, of what is measured in a model's own file."""
    known = {quantity.name: quantity for quantity in target.model.observables}
    for measured in getattr(target.measurement, "quantities", ()):
        if isinstance(measured, Measured) and measured.name in known:
            complaint = implausible(measured, known[measured.name])
            if complaint:
                raise InputError(complaint)


def _called(what: str, function: Any, *arguments: Any) -> Any:
    try:
        return function(*arguments)
    except InputError:
        raise
    except Exception as error:
        text = " ".join(str(error).split())[:200]
        raise InputError(
            f"{what} fails on {len(arguments[0])} points of the prior "
            f"({type(error).__name__}: {text})"
        ) from error


def _array(found: Any, shape: tuple[int, ...], what: str) -> np.ndarray:
    if not isinstance(found, np.ndarray):
        raise InputError(f"{what} gives a {type(found).__name__}; a numpy array {shape} is wanted")
    if found.shape != shape:
        raise InputError(f"{what} gives an array {found.shape}; {shape} is wanted")
    if not np.issubdtype(found.dtype, np.floating) and not np.issubdtype(found.dtype, np.integer):
        raise InputError(f"{what} gives {found.dtype}; real numbers are wanted")
    return found


def _check_forward(model: Model, theta: np.ndarray, where: str) -> None:
    what = f"{where}: forward"
    given = theta.copy()
    values = _called(what, model.forward, given)
    shape = (len(theta), len(model.observables))
    values = _array(values, shape, what)
    if not np.array_equal(given, theta, equal_nan=True):
        raise InputError(f"{what} changes its argument; work on a copy")
    one = _array(_called(what, model.forward, theta[:1].copy()), (1, shape[1]), what)
    if not np.allclose(one[0], values[0], rtol=1e-6, atol=0, equal_nan=True):
        raise InputError(
            f"{what} gives another answer for a point alone than among others; each row of the "
            "answer must depend on its own row of parameters only"
        )


def _check_predictions(model: Model, theta: np.ndarray, where: str) -> None:
    what = f"{where}: predict"
    given = theta.copy()
    found = _called(what, model.predict, given)
    if not np.array_equal(given, theta, equal_nan=True):
        raise InputError(f"{what} changes its argument; work on a copy")
    for quantity in model.prediction_quantities:
        if quantity.name not in found:
            raise InputError(f"{what} gives no {quantity.name!r}, which prediction_quantities has")
        _array(np.asarray(found[quantity.name]), (len(theta),), f"{what}, {quantity.name}")


def _check_variables(model: Model, theta: np.ndarray, where: str) -> None:
    variables = _called(f"{where}: variables", model.variables, theta.copy())
    names = [Quantity(name) for name in variables]
    check_names(names, f"{where}, variables")
    arrays = {name: np.asarray(values) for name, (_, values) in variables.items()}
    back = _called(f"{where}: from_variables", lambda _: model.from_variables(arrays), theta)
    back = _array(back, theta.shape, f"{where}: from_variables")
    if not np.array_equal(back, theta):
        raise InputError(
            f"{where}: from_variables does not give back the parameters that variables was given"
        )


def _check_charts(target: LikelihoodTarget, where: str) -> None:
    """Charts that the model declares can be made for what was measured."""
    measurement = target.measurement
    if measurement is None:
        return
    for name in ("chart", "conditioned_chart"):
        make = getattr(target.model, name)
        try:
            make(measurement)
        except InputError:  # a refusal in the model's own words, where the chart is asked for
            continue
        except Exception as error:
            text = brief(" ".join(str(error).split()))
            raise InputError(
                f"{where}: {name} fails for this measurement ({type(error).__name__}: {text}); "
                "return None where it has no such coordinates"
            ) from error


def _check_likelihood(target: LikelihoodTarget, theta: np.ndarray, where: str) -> None:
    what = f"{where}: log-likelihood"
    found = _called(what, target.log_likelihood, theta.copy())
    found = _array(found, (len(theta),), what)
    if np.isnan(found).any() or np.isposinf(found).any():
        raise InputError(
            f"{what} is NaN or +inf at a point of the prior; give -inf where there is no answer"
        )
    inside = _called(f"{where}: within_three_sigma", target.within_three_sigma, theta.copy())
    if not isinstance(inside, np.ndarray) or inside.shape != (len(theta),):
        raise InputError(f"{where}: within_three_sigma must give a yes or no (N,) for (N, P)")
