"""What other experiments know of theta_13 and of the large splitting."""

from dataclasses import dataclass

import numpy as np

from .three_flavour import Ordering

Array = np.ndarray
# Daya Bay, 3158 days: PRL 130 (2023) 161802, arXiv:2211.14988
_SIN2_2THETA13, _SIN2_2THETA13_ERROR = 0.0851, 0.0024
_DM2_32 = {"NO": (2.466e-3, 0.060e-3), "IO": (-2.571e-3, 0.060e-3)}
_SOLAR = 7.5e-5
"""Added to Daya Bay's dm2_32 for dm2_31; its own error is a fiftieth of that of dm2_32."""


@dataclass(frozen=True)
class External:
    """Gaussian knowledge of theta_13 and dm2_3l from elsewhere.

    Attributes:
        sin2_13: Value and error of sin^2 theta_13.
        dm2_3l: Value and error of dm2_3l [eV^2].
        source: Where they come from.
    """

    sin2_13: tuple[float, float]
    dm2_3l: tuple[float, float]
    source: str

    def penalty(self, theta: Array) -> Array:
        """Chi2 (N,) of parameters (N, 4)."""
        pulls = [
            (theta[:, 2] - self.sin2_13[0]) / self.sin2_13[1],
            (theta[:, 3] - self.dm2_3l[0]) / self.dm2_3l[1],
        ]
        return pulls[0] ** 2 + pulls[1] ** 2


def daya_bay(ordering: Ordering = "NO") -> External:
    """Daya Bay's theta_13 and splitting: independent of JUNO, unlike NuFIT's since 6.1."""
    root = np.sqrt(1 - _SIN2_2THETA13)
    value, error = _DM2_32[ordering]
    return External(
        sin2_13=(float(0.5 * (1 - root)), float(_SIN2_2THETA13_ERROR / (2 * root) / 2)),
        dm2_3l=(value + (_SOLAR if ordering == "NO" else 0.0), error),
        source="Daya Bay, PRL 130 (2023) 161802, arXiv:2211.14988",
    )
