"""Is it true? Coverage, rank statistics, two-sample tests, effective sample size."""
