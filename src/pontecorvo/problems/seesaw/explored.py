"""What the live explorer shows of the seesaw: Yukawas, heavy masses, mixing, forecasts."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ...core.exploration import Columns, Exploration, PointFile, PointTable
from ...core.quantity import Quantity
from ..flavour.files.point import Point, complete
from ..flavour.forecasts import forecasts, measured_delta
from ..flavour.nufit import OSCILLATION
from .fast_map import light_neutrinos_from_theta, unpack
from .model import Seesaw

_FLAVOURS, _GREEK = ("e", "mu", "tau"), ("e", r"\mu", r"\tau")


def exploration_of(model: Seesaw) -> Exploration:
    """Panels, forecasts and files for a seesaw with its settings in force."""
    lightest = "m1" if model.ordering == "no" else "m3"
    return Exploration(
        panels=(
            *("m_ee", lightest, "sum_m", "m_beta"),
            *("delta_cp", "alpha21", "abs_Y[e,1]", "log10_M[1]"),
        ),
        pairs=((lightest, "m_ee"), ("log10_M[1]", "abs_Y[e,1]")),
        logs=("m_ee", lightest, *(f"abs_Y[{a},{i}]" for a in _FLAVOURS for i in (1, 2, 3))),
        forecasts=forecasts(model.ordering, (*OSCILLATION, "delta_cp")),
        optional=(measured_delta(model.ordering),),
        columns=_moduli,
        tables=lambda theta: point_tables(model, theta),
        files=(PointFile("slha", "SLHA", lambda theta: slha_text(model, theta)),),
        study=_study,
    )


def _study(content: dict[str, Any]) -> dict[str, Any]:
    """Settings that hold a measurement; those that go with named ones are set back."""
    return {
        "measurement": content,
        "variant": None,
        "likelihood": "gaussian",
        "include_delta": False,
        "correlations": [],
    }


def _moduli(theta: np.ndarray) -> Columns:
    """Moduli of the Yukawas (N,)."""
    yukawa, _ = unpack(theta)
    return {
        f"abs_Y[{a},{i + 1}]": (
            np.abs(yukawa[:, row, i]),
            Quantity(
                f"abs_Y[{a},{i + 1}]",
                rf"|Y_{{{_GREEK[row]} {i + 1}}}|",
                "",
                f"modulus of the Yukawa coupling of {a} and heavy neutrino {i + 1}",
            ),
        )
        for row, a in enumerate(_FLAVOURS)
        for i in range(3)
    }


def point_tables(model: Seesaw, theta: np.ndarray) -> Sequence[PointTable]:
    """Y, M, the mixing matrix and the light masses of parameters (23,)."""
    yukawa, heavy = unpack(theta)
    masses, mixing = light_neutrinos_from_theta(theta[None], model.ordering, model.vev)
    columns = ("1", "2", "3")
    return (
        PointTable(
            "Y, Yukawa couplings",
            ("flavour", *columns),
            [(f, *map(_complex, row)) for f, row in zip(("e", "μ", "τ"), yukawa, strict=True)],
            "Coupling as L H N; light masses are v² Y M⁻¹ Yᵀ.",
        ),
        PointTable(
            "M, heavy masses",
            ("", "1", "2", "3"),
            [
                ("|M| [GeV]", *(f"{abs(m):.4g}" for m in heavy)),
                ("phase [deg]", *(f"{np.degrees(np.angle(m)) % 360:.1f}" for m in heavy)),
            ],
        ),
        PointTable(
            "U, PMNS matrix",
            ("flavour", "ν1", "ν2", "ν3"),
            [(f, *map(_complex, row)) for f, row in zip(("e", "μ", "τ"), mixing[0], strict=True)],
            "PDG convention, Majorana phases on the second and third column.",
        ),
        PointTable(
            "m, light masses",
            ("", "ν1", "ν2", "ν3"),
            [("m [meV]", *(f"{1e3 * m:.4g}" for m in masses[0]))],
        ),
    )


def _complex(z: complex) -> str:
    sign = "+" if z.imag >= 0 else "−"
    return f"{z.real:.4f} {sign} {abs(z.imag):.4f} i".replace("-", "−")


def slha_text(model: Seesaw, theta: np.ndarray) -> str:
    """Parameters (23,) as the text of an SLHA file; see `files.slha_point`."""
    from ..flavour.files.slha_point import write_slha_point

    yukawa, heavy = unpack(theta)
    point = complete(Point({}, model.ordering, yukawa, heavy, model.vev))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "draw.slha"
        write_slha_point(path, point, "pontecorvo explore: one draw of a seesaw")
        return path.read_text(encoding="utf-8")
