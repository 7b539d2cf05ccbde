"""From a target to draws: classical samplers, and correction by exact weights.

Each `sample_*` takes a target and gives `pontecorvo.Draws`; `correct` weighs draws of a known
density, `refine` proposes again where those weights are uneven.
"""

from ..base.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, __file__)
