"""The generative engine: diffusion and flow matching on the unit cube, with exact densities.

It knows no model. `noise_schedules`, `networks`, `denoiser`, `guidance` (fields), `ode_samplers`
and `density` each hold one idea; `trainer` fits them, and `ConditionalFlow` joins them.

Shapes: points u (n, D) of the cube, conditions (n, C), log-densities (n,) with respect to du.
"""

import os

from ..base.lazy_names import lazy_names

# PyTorch's threads spin while they wait for each other. On a machine that is busy with anything
# else that made training eight times slower than one thread; told to sleep, they share.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

__getattr__, __dir__, __all__ = lazy_names(__name__, __file__)
