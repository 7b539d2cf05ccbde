"""The 3+1 sterile neutrino: experiments, their joint likelihood, and the model made of them."""
