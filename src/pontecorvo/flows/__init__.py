"""The generative engine: diffusion and flow matching on the unit cube, with exact densities.

It knows no model. `paths` (noise schedules), `networks`, `denoiser`, `guidance` (fields),
`samplers` and `density` each hold one idea; `train` fits them, and `estimator.ConditionalFlow`
joins them.
"""

import os

# PyTorch's threads spin while they wait for each other. On a machine that is busy with anything
# else that made training eight times slower than one thread; told to sleep, they share.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
