from .flavour.nufit import nufit as nufit
from .founding_paper.problem import FoundingPaperProblem as FoundingPaperProblem
from .oscillation.problem import JunoProblem as JunoProblem
from .seesaw.model import Seesaw as Seesaw
from .seesaw.model import SeesawPrior as SeesawPrior
from .seesaw.problem import SeesawProblem as SeesawProblem
from .sterile.problem import SterileProblem as SterileProblem
