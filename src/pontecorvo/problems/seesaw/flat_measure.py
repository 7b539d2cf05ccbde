r"""The flat measure of a seesaw's Yukawa matrix, written in Casas-Ibarra coordinates.

With X = v Y M^{-1/2} (so that m_nu = X X^T), X = S R with R in O(3, C), and the Takagi
factorisation m_nu = U^* diag(m) U^+,

.. math::

   d^{18}Y &= \prod_i |M_i|^3 \, v^{-18} \, d^{18}X \\
   d^{18}X &= \tfrac{\pi^2}{8} \, |\det m_\nu|^{-1} \, d^{12}m_\nu \; dO \,
              \frac{\sinh^2\eta}{\eta^2} d^3a , \qquad R = O e^{iA}, \ O \in SO(3) \\
   d^{12}m_\nu &= K \prod_{i<j} |m_i^2 - m_j^2| \prod_i m_i \, dm_i \; dU

where dO and dU are the normalised invariant measures of SO(3) and U(3), and R = -1 times a member
of SO(3, C) is counted by letting U run over both U and -U (a factor 2). So

.. math:: d^{18}X = \tfrac{\pi^2}{4} K \prod_{i<j} |m_i^2 - m_j^2| \prod_i dm_i \; dU \, dO \,
          \frac{\sinh^2\eta}{\eta^2} d^3a .

Why the first factor: d^9X is holomorphic in (m, R); under X -> G X it scales by det(G)^3 and d^6m
by det(G)^4, hence abs(det m)^{-1} for the real measure. Its constant follows from X = 1 + dm/2 + w
with w antisymmetric: (1/4)^3 from the diagonal and 1 from each pair, times the volume 8 pi^2 of
SO(3) in rotation-vector measure. sinh^2(eta) is the volume element of SO(3, C)/SO(3), hyperbolic
space. K follows from the Gaussian integral of exp(-sum abs(m_ij)^2) and Selberg's integral. The
derivation is in docs/exact-posterior.md; tests compare it with blind draws from the flat prior.
"""

from math import gamma, log, pi

LOG_SO3C_CONSTANT = log(pi**2 / 4)
"""Log of the constant in d^18 X, the factor 2 for R -> -R included, K excluded."""


def log_takagi_constant() -> float:
    """Log of K in d^12 m = K prod abs(m_i^2 - m_j^2) prod m_i dm_i dU, masses in one order.

    K/8 times the integral of prod abs(x_i - x_j) exp(-sum x) over x_1 < x_2 < x_3 must be
    pi^3 (pi/2)^3; that integral is Selberg's with gamma = 1/2 and alpha = 1, over 3!
    (A. Selberg 1944; M. L. Mehta, Random Matrices, 17.6.5).
    """
    selberg = 1.0
    for j in range(3):
        selberg *= gamma(1 + j / 2) * gamma(1 + (j + 1) / 2) / gamma(1.5)
    return log(pi**3 * (pi / 2) ** 3 / (selberg / 6 / 8))
