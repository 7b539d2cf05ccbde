"""Simple formulas as HTML text: letters, sub- and superscripts, Greek, functions.

So that a table of symbols can be copied: ``m_ee`` arrives in a spreadsheet as ``m_ee``. MathML is
copied letter by letter, each on a line of its own (Chromium 140 and older), and pictures are lost;
hence these few rules and no library. What they do not know (fractions, roots, integrals) is
drawn instead, see `math_svg`.
"""

import re

from markupsafe import Markup, escape

_GREEK_NAMES = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau",
    "upsilon phi chi psi omega varepsilon vartheta varphi varrho",
)
_GREEK = dict(zip(" ".join(_GREEK_NAMES).split(), "αβγδϵζηθικλμνξπρστυϕχψωεϑφϱ", strict=True))
_CAPITALS = ("Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega", "sum prod")
_UPRIGHT = dict(zip(" ".join(_CAPITALS).split(), "ΓΔΘΛΞΠΣΥΦΨΩΣΠ", strict=True))
_SIGNS = {
    **{"to": "→", "rightarrow": "→", "pm": "±", "mp": "∓", "times": "×", "cdot": "·"},
    **{"leq": "≤", "le": "≤", "geq": "≥", "ge": "≥", "approx": "≈", "sim": "∼", "equiv": "≡"},
    **{"propto": "∝", "infty": "∞", "in": "∈", "ell": "ℓ", "prime": "′", "dagger": "†"},
    **{"ldots": "…", "dots": "…", "mid": "|", "vert": "|", "ast": "∗", "neq": "≠", "circ": "°"},
    **{"partial": "∂", "langle": "⟨", "rangle": "⟩", "cdots": "⋯", "simeq": "≃", "ne": "≠"},
}
_BIG = {"sum", "prod"}
_SPACES = {",": "\u2009", ";": "\u2005", ":": "\u2005", " ": " ", "!": "", "quad": "\u2003"}
_SPACES |= {"qquad": "\u2003\u2003"}
_FUNCTIONS = set(["sin", "cos", "tan", "log", "ln", "exp", "det", "arg", "min", "max", "Im", "Re"])
_ROMAN = {"mathrm", "text", "rm", "mathregular", "operatorname"}
_RELATIONS = "=<>≤≥≈∼≃≡∝→±×·≠∈"
_TOKEN = re.compile(r"\\([A-Za-z]+|.)|([{}_^])|(\s+)|(.)", re.DOTALL)


class NotSimple(ValueError):
    """The formula needs more than text."""


def simple_formula(tex: str) -> Markup:
    """Math text without dollars as HTML.

    Raises:
        NotSimple: If it holds anything but letters, signs, functions and scripts.
    """
    reader = _Reader(tex)
    body = reader.row()
    if reader.tokens:
        raise NotSimple(tex)
    return Markup('<span class="math">{}</span>').format(body)


class _Reader:
    def __init__(self, tex: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        for match in _TOKEN.finditer(tex):
            kinds = ("command", "mark", "space", "sign")
            kind, text = next((k, t) for k, t in zip(kinds, match.groups(), strict=True) if t)
            if kind != "space":
                self.tokens.append((kind, text))

    def row(self, roman: bool = False) -> Markup:
        """Everything up to a closing brace or the end."""
        parts: list[Markup] = []
        after_function = False
        while self.tokens and self.tokens[0] != ("mark", "}"):
            kind, text = self.tokens[0]
            if kind == "mark" and text in "_^":
                parts.append(self._scripts())
                continue
            function = kind == "command" and text in _FUNCTIONS
            if (after_function and (text.isalnum() or kind == "command") and text != "left") or (
                function and parts and not str(parts[-1]).endswith(("(", " ", "\u2009"))
            ):
                parts.append(Markup("\u2009"))
            parts.append(self._atom(roman))
            after_function = function
        return Markup("").join(parts)

    def _scripts(self) -> Markup:
        """One or both scripts; the second is drawn back below the first where that is short."""
        parts, before = [], ""
        while self.tokens and self.tokens[0][0] == "mark" and self.tokens[0][1] in "_^":
            mark = self.tokens.pop(0)[1]
            inside = self._argument()
            tag = "sub" if mark == "_" else "sup"
            back = ' class="back"' if len(before) == 1 else ""
            parts.append(
                Markup('<{}{}><span class="copied">{}</span>{}</{}>').format(
                    Markup(tag), Markup(back), mark, inside, Markup(tag)
                )
            )
            before = str(inside.striptags())
        return Markup("").join(parts)

    def _argument(self, roman: bool = False) -> Markup:
        if self.tokens and self.tokens[0] == ("mark", "{"):
            self.tokens.pop(0)
            inside = self.row(roman)
            if not self.tokens:
                raise NotSimple("a brace is open")
            self.tokens.pop(0)
            return inside
        if not self.tokens:
            raise NotSimple("something is missing")
        return self._atom(roman)

    def _atom(self, roman: bool) -> Markup:
        kind, text = self.tokens.pop(0)
        if kind == "mark":
            if text == "{":
                self.tokens.insert(0, (kind, text))
                return self._argument(roman)
            raise NotSimple(text)
        if kind == "sign":
            if text.isalpha() and not roman:
                return Markup("<i>{}</i>").format(text)
            if text == "-":
                return Markup("−")
            if text in "=<>":
                return Markup("\u2009{}\u2009").format(text)
            return escape(text)
        return self._command(text, roman)

    def _command(self, text: str, roman: bool) -> Markup:
        if text in _GREEK:
            return Markup("<i>{}</i>").format(_GREEK[text])
        if text in _BIG and self.tokens[:1] in ([("mark", "_")], [("mark", "^")]):
            raise NotSimple(text)  # with limits it is a picture's matter
        if text in _UPRIGHT:
            return Markup(_UPRIGHT[text])
        if text in _SIGNS:
            sign = _SIGNS[text]
            return Markup(f"\u2009{sign}\u2009" if sign in _RELATIONS else sign)
        if text in _SPACES:
            return Markup(_SPACES[text])
        if text in _FUNCTIONS:
            return Markup(text)
        if text in _ROMAN:
            return self._argument(roman=True)
        if text in ("left", "right") and self.tokens and self.tokens[0][1] in "()[]|":
            return escape(self.tokens.pop(0)[1])
        if text in "{}%$&#_|":
            return escape(text)
        raise NotSimple(text)
