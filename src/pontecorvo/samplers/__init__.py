"""From a target to draws: classical samplers, and correction by exact weights."""
