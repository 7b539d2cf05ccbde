"""The setting ``predict``: what else a study of flavour predicts, by plug-ins (`predictions`)."""

from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
from pydantic import AfterValidator

from ...base.errors import InputError
from ...core.draws import Draws
from ...core.model import Model
from ...core.quantity import Quantity


def check_asked(asked: list[Any]) -> list[Any]:
    """Refuse unknown plug-ins and wrong settings before anything is drawn.

    Raises:
        ValueError: One sentence, for pydantic.
    """
    if not asked:
        return asked
    from .predictions.plugins import plugins_from

    try:
        plugins_from(asked)
    except InputError as error:
        raise ValueError(str(error)) from None
    return asked


Asked = Annotated[list[str | dict[str, Any]], AfterValidator(check_asked)]
"""Plug-ins of predictions, by name or with settings."""


def predicted(
    asked: Sequence[Any], model: Model, draws: Draws, vev: float | None = None
) -> tuple[dict[str, np.ndarray], dict[str, Quantity]]:
    """Values (N,) by name, and what they are, of the plug-ins that were asked for.

    Args:
        asked: Names, or mappings of one name to its settings.
        model: A model of flavour; it offers ``flavour_draws(theta)``.
        draws: Its draws.
        vev: <H> in GeV, where it is not what the model's masses are made with.

    Raises:
        InputError: If the model has not what a plug-in needs.
    """
    if not asked:
        return {}, {}
    from dataclasses import replace

    from .predictions.plugins import predict

    offer = getattr(model, "flavour_draws", None)
    if offer is None:
        raise InputError(f"predict: the model {model.name} offers neither Yukawas nor mixing")
    known = offer(draws.theta)
    return predict(asked, known if vev is None else replace(known, vev=vev))
