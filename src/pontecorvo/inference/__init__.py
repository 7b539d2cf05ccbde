"""From a target to draws: charts, classical samplers, networks, correction."""
