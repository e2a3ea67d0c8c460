"""LaTeX to the Unicode text it stands for, and Unicode text to LaTeX that BibTeX can carry."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Any

_ACCENTS = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", '"': "\u0308", "=": "\u0304", ".": "\u0307",
    "u": "\u0306", "v": "\u030c", "H": "\u030b", "c": "\u0327", "k": "\u0328", "d": "\u0323", "b": "\u0331",
    "r": "\u030a",
}  # fmt: skip
_ALONE = {accent: sign for sign, accent in _ACCENTS.items() if not sign.isalpha()}
_SYMBOLS = {
    "ss": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "aa": "å", "AA": "Å", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł",
    "i": "ı", "j": "ȷ", "dh": "ð", "DH": "Ð", "th": "þ", "TH": "Þ", "dj": "đ", "DJ": "Đ", "ng": "ŋ", "NG": "Ŋ", "S": "§", "P": "¶",
    "dag": "†", "ddag": "‡", "copyright": "©", "pounds": "£", "textregistered": "®", "texttrademark": "™",
    "textdegree": "°", "textcelsius": "℃", "texteuro": "€", "euro": "€", "textmu": "µ", "textbullet": "•",
    "ldots": "…", "dots": "…", "textellipsis": "…", "textendash": "–", "textemdash": "—", "textquoteright": "’",
    "textquoteleft": "‘", "textquotedblleft": "“", "textquotedblright": "”", "textquotesingle": "'",
    "textquotedbl": '"', "guillemotleft": "«", "guillemotright": "»", "textexclamdown": "¡", "textquestiondown": "¿",
    "textasciitilde": "~", "textasciicircum": "^", "textbackslash": "\\", "textbraceleft": "{", "textbraceright": "}",
    "textbar": "|", "textless": "<", "textgreater": ">", "textasciigrave": "`", "slash": "/", "TeX": "TeX",
    "LaTeX": "LaTeX", "BibTeX": "BibTeX", "textdollar": "$", "textunderscore": "_", "textpercent": "%",
    "textordfeminine": "ª", "textordmasculine": "º", "textperiodcentered": "·", "textpm": "±", "texttimes": "×",
    "textsection": "§", "textparagraph": "¶", "quad": " ", "qquad": " ", "newline": " ", "par": " ", "relax": "",
    "noopsort": "", "protect": "", "em": "", "it": "", "bf": "", "sl": "", "sc": "", "tt": "", "rm": "", "sf": "",
    **dict(zip("alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi omega".split(),
               "αβγδεζηθικλμνξπρστυφχψω", strict=True)),
    **dict(zip("Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega".split(), "ΓΔΘΛΞΠΣΥΦΨΩ", strict=True)),
    "varepsilon": "ε", "vartheta": "ϑ", "varphi": "φ", "varsigma": "ς", "times": "×", "pm": "±", "leq": "≤", "geq": "≥", "neq": "≠", "approx": "≈",
    "infty": "∞", "rightarrow": "→", "leftarrow": "←", "to": "→", "cdot": "·", "quotedblbase": "„", "quotesinglbase": "‚", "guilsinglleft": "‹",
    "guilsinglright": "›", "textonehalf": "½", "textonequarter": "¼", "textthreequarters": "¾", "textasciimacron": "¯", "textasciidieresis": "¨",
    "textasciiacute": "´", "textcent": "¢", "textyen": "¥", "textsterling": "£", "textcurrency": "¤", "textbrokenbar": "¦", "textlnot": "¬",
    "textdiv": "÷", "textonesuperior": "¹", "texttwosuperior": "²", "textthreesuperior": "³", "checkmark": "✓",
    "upshape": "", "itshape": "", "bfseries": "", "scshape": "", "small": "", "large": "", "bibopenparen": "(", "bibcloseparen": ")",
}  # fmt: skip
# Commands whose braces hold the text they stand for.
_TRANSPARENT = frozenset(
    "emph textbf textit textrm textsc textsf textsl texttt textup textnormal text mbox hbox underline uppercase lowercase "
    "mkbibemph mkbibbold mkbibitalic mkbibquote url path nolinkurl enquote textsubscript textsuperscript "
    "mathrm mathit mathbf mathcal mathbb mathsf operatorname ensuremath NoCaseChange".split()
)
_QUOTING = {"enquote": ("“", "”"), "mkbibquote": ("“", "”")}
_SPACING = {"-": "", "/": "", "!": "", "@": "", "\\": " ", ",": " ", " ": " ", ":": " ", ";": " "}
_TOKEN = re.compile(
    r"\\(?P<accent>[`'^~\"=.])\s*|\\(?P<word>[A-Za-z]+)\*?[ \t]*|\\(?P<other>.)|(?P<ligature>---?|``|'')"
    r"|(?P<math>\$[^$]*\$)|(?P<brace>[{}])|(?P<tie>~)",
    re.DOTALL,
)
_SIGN = re.compile(r"[\\{}~$`'-]")
_BLANK = re.compile(r"[ \t]*(?:\r\n|\r|\n)[ \t]*")
_EMPTY_LINES = re.compile(r"(?:[ \t]*(?:\r\n|\r(?!\n)|(?<!\r)\n)){2,}[ \t]*")
_LIGATURES = {"--": "–", "---": "—", "``": "“", "''": "”"}


def decode(source: str) -> str:
    """The Unicode text of a LaTeX fragment, for reading and search.

    Nothing is dropped that is text: an unknown command keeps its name and its argument, math
    stays as it is written. Wrapped lines are joined; an empty line stays a paragraph.

    >>> decode(r"{G}{\\"o}del, \\emph{proof} --- 50\\%")
    'Gödel, proof — 50%'
    """
    text = _join_lines(source)
    if not has_latex(text):
        return text
    return _Decoder(text).run()


def has_latex(text: str) -> bool:
    """Whether anything in a text stands for something else."""
    return (
        "\\" in text
        or "{" in text
        or "}" in text
        or "~" in text
        or "$" in text
        or "--" in text
        or "``" in text
        or "''" in text
    )


def _join_lines(source: str) -> str:
    if "\n" not in source and "\r" not in source:
        return source.strip()
    paragraphs = _EMPTY_LINES.split(source.strip())
    return "\n\n".join(_BLANK.sub(" ", paragraph) for paragraph in paragraphs)


class _Decoder:
    """One pass over the tokens; ``closing`` holds what each open brace puts down when it closes."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.out: list[str] = []
        self.closing: list[str] = []
        self.accent = ""
        self.pending = ""
        self.unended = False  # a command that nobody knows, with nothing behind it yet

    def run(self) -> str:
        at = 0
        for sign in _SIGN.finditer(
            self.text
        ):  # far faster than searching for the tokens themselves
            token = _TOKEN.match(self.text, sign.start()) if sign.start() >= at else None
            if token is None:
                continue
            self.put(self.text[at : token.start()])
            self.token(token)
            at = token.end()
        self.put(self.text[at:])
        self.flush()
        return "".join(self.out)

    def flush(self) -> None:
        """Put down an accent that has nothing to stand on as the sign it is."""
        if self.accent:
            self.out.append(_ALONE.get(self.accent, ""))
            self.accent = ""

    def put(self, text: str) -> None:
        if text and self.unended:
            text, self.unended = (" " + text if text[0].isalpha() else text), False
        if text and self.accent:
            text, self.accent = unicodedata.normalize("NFC", text[0] + self.accent) + text[1:], ""
        if text:
            self.out.append(text)

    def token(self, token: re.Match[str]) -> None:
        kind, found = token.lastgroup, token.group(token.lastgroup or 0)
        if kind == "accent":
            self.accent = _ACCENTS[found]
        elif kind == "word":
            self.command(found, token)
        elif kind == "other":
            self.put(_SPACING.get(found, found))
        elif kind == "ligature":
            self.put(_LIGATURES[found])
        elif kind == "math":
            self.put(found)
        elif kind == "tie":
            self.put("\u00a0")
        else:
            self.brace(found)

    def brace(self, found: str) -> None:
        if found == "{":
            self.closing.append(self.pending)
            self.pending = ""
        elif self.closing:
            self.flush()
            self.put(self.closing.pop())
        else:
            self.put(found)

    def command(self, name: str, token: re.Match[str]) -> None:
        braced = self.text.startswith("{", token.end())
        if len(name) == 1 and name in _ACCENTS and (braced or token.end() > token.end("word")):
            self.accent = _ACCENTS[name]
        elif name in _SYMBOLS:
            symbol = _SYMBOLS[name]
            if self.accent and symbol in ("ı", "ȷ"):
                symbol = {"ı": "i", "ȷ": "j"}[symbol]
            self.put(symbol)
        elif name in _TRANSPARENT and braced:
            before, self.pending = _QUOTING.get(name, ("", ""))
            self.put(before)
        elif braced:
            self.put(f"\\{name}")
            self.out.append("{")
            self.pending = "}"
        else:
            self.put(token.group())
            self.unended = token.end() == token.end("word")


_ESCAPES = {
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}", "\u00a0": "~", **{char: "\\" + char for char in "&%$#_"},
}  # fmt: skip
_TO_ESCAPE = re.compile(r"[\\{}~^\u00a0&%$#_]|-(?=-)|`(?=`)|'(?=')")


def encode(text: str) -> str:
    """``text`` as LaTeX that BibTeX can carry between braces, and that :func:`decode` reads back.

    Line breaks are the exception: BibTeX takes a single one for a space.
    """
    return _TO_ESCAPE.sub(lambda match: _ESCAPES.get(match.group(), match.group() + "{}"), text)


def to_ascii(source: str) -> str:
    """LaTeX source with other characters than ASCII as escapes; what has none (Chinese) stays.

    >>> to_ascii("{Gödel – naïve}")
    '{G{\\\\\"o}del {\\\\textendash} na{\\\\\"\\\\i}ve}'
    """
    if source.isascii():
        return source
    return str(_encoder().unicode_to_latex(source))


@cache
def _encoder() -> Any:
    from pylatexenc.latexencode import UnicodeToLatexEncoder

    return UnicodeToLatexEncoder(
        non_ascii_only=True,
        replacement_latex_protection="braces-all",
        unknown_char_policy="keep",
        unknown_char_warning=False,
    )


def encode_verbatim(text: str) -> str:
    """``text`` for a field that LaTeX takes as it stands (url, doi, file); braces that do not pair
    go.
    """
    depth = 0
    for char in text:
        depth += (char == "{") - (char == "}")
        if depth < 0:
            break
    text = text if depth == 0 else text.replace("{", "%7B").replace("}", "%7D")
    return (
        text + " " if text.endswith("\\") else text
    )  # or some readers would take the closing brace for escaped
