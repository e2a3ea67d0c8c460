"""LaTeX to the Unicode text it stands for, and Unicode text to LaTeX that BibTeX can carry."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Any

# A combining character for each command that puts an accent on the letter behind it.
_ACCENTS = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", '"': "\u0308", "=": "\u0304",
    ".": "\u0307", "u": "\u0306", "v": "\u030c", "H": "\u030b", "c": "\u0327", "k": "\u0328",
    "d": "\u0323", "b": "\u0331", "r": "\u030a", "h": "\u0309",
    "textcommabelow": "\u0326", "textcommaabove": "\u0313", "textogonekcentered": "\u0328",
}  # fmt: skip
_ALONE = {accent: sign for sign, accent in _ACCENTS.items() if not sign.isalpha()}
# The commands of everyday .bib files, so that those need no more; :func:`_symbol` knows the rest.
_LETTERS = {
    "ss": "ß", "SS": "ẞ", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "aa": "å", "AA": "Å",
    "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "i": "ı", "j": "ȷ", "dh": "ð", "DH": "Ð",
    "th": "þ", "TH": "Þ", "dj": "đ", "DJ": "Đ", "ng": "ŋ", "NG": "Ŋ",
    "ohorn": "ơ", "OHORN": "Ơ", "uhorn": "ư", "UHORN": "Ư",
}  # fmt: skip
_SIGNS = {
    "S": "§", "P": "¶", "dag": "†", "ddag": "‡", "dagger": "†", "ddagger": "‡", "copyright": "©",
    "pounds": "£", "euro": "€", "texteuro": "€", "textregistered": "®", "texttrademark": "™",
    "textdegree": "°", "degree": "°", "celsius": "℃", "micro": "µ", "ohm": "Ω", "textbullet": "•",
    "ldots": "…", "dots": "…", "textellipsis": "…", "textendash": "–", "textemdash": "—",
    "textquoteright": "’", "textquoteleft": "‘", "rq": "’", "lq": "‘", "textquotesingle": "'",
    "textquotedblleft": "“", "textquotedblright": "”", "textquotedbl": '"',
    "guillemetleft": "«", "guillemetright": "»", "guillemotleft": "«", "guillemotright": "»",
    "textasciitilde": "~", "textasciicircum": "^", "textasciigrave": "`", "textbackslash": "\\",
    "textbraceleft": "{", "textbraceright": "}", "textbar": "|", "textless": "<",
    "textgreater": ">", "lbrack": "[", "rbrack": "]", "slash": "/", "colon": ":",
    "bibopenparen": "(", "bibcloseparen": ")", "textdollar": "$", "textunderscore": "_",
    "textpercent": "%", "textperiodcentered": "·", "textcdot": "·", "textsurd": "√",
    "textminus": "−", "textbardbl": "‖", "ne": "≠", "checkmark": "✓", "cprime": "ʹ",
    "cdprime": "ʺ", "nobreakdash": "", "hyphen": "-", "thinspace": " ", "enspace": " ",
    "nobreakspace": "\u00a0", "TeX": "TeX", "LaTeX": "LaTeX", "BibTeX": "BibTeX",
    # TeX draws these two in another shape; the plain letters are what people type to find them.
    "epsilon": "ε", "phi": "φ",
}  # fmt: skip
_GREEK = {
    f"text{name}": character
    for name, character in zip(
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho "
        "sigma tau upsilon phi chi psi omega".split(),
        "αβγδεζηθικλ\u00b5νξοπρστυφχψω",  # \textmu is the micro sign
        strict=True,
    )
}
# Commands that set nothing but space, and switches of type that set nothing at all.
_SPACES = dict.fromkeys("quad qquad newline par".split(), " ")
_SWITCHES = dict.fromkeys(
    "relax noopsort protect em it bf sl sc tt rm sf upshape itshape bfseries scshape small "
    "large".split(),
    "",
)
_SYMBOLS = {**_LETTERS, **_SIGNS, **_GREEK, **_SPACES, **_SWITCHES}
# Commands whose braces hold the text they stand for.
_TRANSPARENT = frozenset(
    "emph textbf textit textrm textsc textsf textsl texttt textup textnormal text mbox hbox "
    "underline uppercase lowercase mkbibemph mkbibbold mkbibitalic mkbibquote url path nolinkurl "
    "enquote textsubscript textsuperscript textgreek mathrm mathit mathbf mathcal "
    "mathbb mathsf operatorname ensuremath NoCaseChange".split()
)
_QUOTING = {"enquote": ("“", "”"), "mkbibquote": ("“", "”")}
_SPACING = {"-": "", "/": "", "!": "", "@": "", "\\": " ", ",": " ", " ": " ", ":": " ", ";": " "}
_TOKEN = re.compile(
    r"\\(?P<accent>[`'^~\"=.])\s*"
    r"|\\(?P<word>[A-Za-z]+)\*?[ \t]*"
    r"|\\(?P<other>.)"
    r"|(?P<ligature>---?|``|'')"
    r"|(?P<math>\$[^$]*\$)"
    r"|(?P<brace>[{}])"
    r"|(?P<tie>~)",
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
    """A text without its wrapped lines: only an empty line still divides it."""
    if "\n" not in source and "\r" not in source:
        return source.strip()
    paragraphs = _EMPTY_LINES.split(source.strip())
    return "\n\n".join(_BLANK.sub(" ", paragraph) for paragraph in paragraphs)


@cache
def _symbol(name: str) -> str | None:
    """The text that the command ``name`` sets, None for a command that is not known.

    What the table here does not have is looked up in pylatexenc's, of about 800 symbols.
    """
    if name in _SYMBOLS:
        return _SYMBOLS[name]
    known = _symbol_table().get_macro_spec(name)
    symbol = known.simplify_repl if known else None
    # Longer replacements are templates for arguments, operators such as "log", or today's date.
    if isinstance(symbol, str) and len(symbol) == 1:
        return symbol
    return None


@cache
def _symbol_table() -> Any:
    # Loading it takes longer than decoding a hundred entries, and few files have such commands.
    from pylatexenc.latex2text import get_default_latex_context_db

    return get_default_latex_context_db()


class _Decoder:
    """One pass over the tokens; ``closing`` holds what each open brace sets when it closes."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.out: list[str] = []
        self.closing: list[str] = []
        self.accent = ""
        self.pending = ""
        self.unended = False  # a command that nobody knows, with nothing behind it yet

    def run(self) -> str:
        position = 0
        # Looking for the few signs a token can begin with is far faster than for the tokens.
        for sign in _SIGN.finditer(self.text):
            if sign.start() < position:
                continue
            token = _TOKEN.match(self.text, sign.start())
            if token is None:
                continue
            self.put(self.text[position : token.start()])
            self.token(token)
            position = token.end()
        self.put(self.text[position:])
        self.flush()
        return "".join(self.out)

    def flush(self) -> None:
        """Set an accent that has no letter to stand on as the sign it is."""
        if self.accent:
            self.out.append(_ALONE.get(self.accent, ""))
            self.accent = ""

    def put(self, text: str) -> None:
        """Set text, with the accent that waits for a letter on its first character."""
        if not text:
            return
        if self.unended:
            self.unended = False
            if text[0].isalpha():
                text = " " + text
        if self.accent:
            accented = unicodedata.normalize("NFC", text[0] + self.accent)
            text = accented + text[1:]
            self.accent = ""
        self.out.append(text)

    def token(self, token: re.Match[str]) -> None:
        """Set what a token of ``_TOKEN`` stands for, or note what it does to the next text."""
        kind = token.lastgroup or ""
        text = token.group(kind)
        if kind == "accent":
            self.accent = _ACCENTS[text]
        elif kind == "word":
            self.command(text, token)
        elif kind == "other":
            self.put(_SPACING.get(text, text))
        elif kind == "ligature":
            self.put(_LIGATURES[text])
        elif kind == "math":
            self.put(text)
        elif kind == "tie":
            self.put("\u00a0")
        else:
            self.brace(text, token.end())

    def brace(self, brace: str, end: int) -> None:
        """Open or close a group, up to ``end``; an unmatched closing brace is text."""
        if brace == "{":
            self.closing.append(self.pending)
            self.pending = ""
        elif self.closing:
            self.flush()
            written = self.closing.pop()
            self.put(written)
            # A command that is not known keeps the braces of all its arguments.
            if written == "}" and self.text.startswith("{", end):
                self.out.append("{")
                self.pending = "}"
        else:
            self.put(brace)

    def command(self, name: str, token: re.Match[str]) -> None:
        """Set what ``\\name`` stands for; a command that is not known stays as it is written."""
        braced = self.text.startswith("{", token.end())
        # A command of one letter needs a brace or a blank to be an accent: \c{c}, \v s, not \cite.
        delimited = braced or token.end() > token.end("word")
        if name in _ACCENTS and (len(name) > 1 or delimited):
            self.accent = _ACCENTS[name]
        elif name in _TRANSPARENT and braced:
            before, self.pending = _QUOTING.get(name, ("", ""))
            self.put(before)
        elif (symbol := _symbol(name)) is not None:
            dotless = {"ı": "i", "ȷ": "j"}
            self.put(dotless.get(symbol, symbol) if self.accent else symbol)
        elif braced:
            self.put(f"\\{name}")
            self.out.append("{")
            self.pending = "}"
        else:
            self.put(token.group())
            self.unended = token.end() == token.end("word")


_ESCAPES = {
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\u00a0": "~",
    **{char: "\\" + char for char in "&%$#_"},
}  # fmt: skip
_TO_ESCAPE = re.compile(r"[\\{}~^\u00a0&%$#_]|-(?=-)|`(?=`)|'(?=')")


def encode(text: str) -> str:
    """``text`` as LaTeX that BibTeX can carry between braces, and that :func:`decode` reads back.

    Line breaks are the exception: BibTeX takes a single one for a space. So are blanks at the ends.

    >>> encode("R&D at 5%"), encode("pages 1--2")
    ('R\\\\&D at 5\\\\%', 'pages 1-{}-2')
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
    """``text`` for a field that LaTeX takes as it is (url, doi, file), with braces that pair.

    Braces that do not pair are written as percent escapes.

    >>> encode_verbatim("https://a.org/{x}"), encode_verbatim("https://a.org/}")
    ('https://a.org/{x}', 'https://a.org/%7D')
    """
    if not _braces_pair(text):
        text = text.replace("{", "%7B").replace("}", "%7D")
    # Some readers would take a closing brace behind a backslash for an escaped one.
    return text + " " if text.endswith("\\") else text


def _braces_pair(text: str) -> bool:
    """Whether each brace has its partner, by BibTeX's count, to which a backslash is nothing."""
    depth = 0
    for char in text:
        if char == "{":
            depth += 1
        elif char == "}":
            depth -= 1
        if depth < 0:
            return False
    return depth == 0
