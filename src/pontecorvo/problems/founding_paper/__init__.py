"""The recipe of arXiv:2503.21432, from its pairs to its draws."""
