"""Commands of the sterile problem."""
