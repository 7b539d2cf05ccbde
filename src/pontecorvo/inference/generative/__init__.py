"""The generative engine: diffusion and flow matching on the unit cube, with exact densities.

It knows no model. `paths` (noise schedules), `networks`, `denoiser`, `guidance` (fields), `samplers`
and `density` each hold one idea; `train` fits them, and `estimator.ConditionalFlow` joins them.
"""
