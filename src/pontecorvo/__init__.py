"""Posteriors that can be trusted for neutrino models.

The public names are imported on first use, so that ``import pontecorvo`` stays light.
"""

__version__ = "0.1.0"
