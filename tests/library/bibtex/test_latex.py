"""LaTeX commands become the characters they set, and what is not known stays as it is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pylatexenc.latexencode import UnicodeToLatexEncoder

from litrev.library.bibtex.latex import decode, to_ascii


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (r"{\'E}mile, S{\o}ren, \v{S}koda, na\"{\i}ve", "Émile, Søren, Škoda, naïve"),
        (r"\textcommabelow{S}tefan, \h{a}, \k{a}, \d{s}, \r u", "Ștefan, ả, ą, ṣ, ů"),
        (r"\ohorn\uhorn", "ơư"),
        (r"\c c and \cite{c}", r"ç and \cite{c}"),
        (r"TNF-\textalpha{} and IL-1\textbeta", "TNF-α and IL-1β"),
        (r"\Gamma-rays, \alpha\beta", "Γ-rays, αβ"),
        (r"$\alpha$-helix", r"$\alpha$-helix"),
        (r"5\,\textmu m, 20\textdegree C, 3\textperthousand", "5 µm, 20°C, 3‰"),
        (r"p \le 0.05, a \ne b, x \in Y, \forall \sum", "p ≤0.05, a ≠b, x ∈Y, ∀∑"),
        (r"\textleftarrow\textrightarrow\Rightarrow", "←→⇒"),
        (r"\guillemetleft a\guillemetright, \lq b\rq", "«a», ‘b’"),
        (r"\textnumero 5, \textservicemark, \textbaht", "№5, ℠, ฿"),
        (r"\emph{a \textbf{b}} \enquote{c}", "a b “c”"),
        (r"\today, \log x, \footnote{n}", r"\today, \log x, \footnote{n}"),
        (r"\unheardof{a b} and \unheardof c", r"\unheardof{a b} and \unheardof c"),
        (r"\unheardof\ss", r"\unheardof ß"),
        (r"\href{http://a}{{b} \ss} \frac{1}{2}", r"\href{http://a}{b ß} \frac{1}{2}"),
        (r"\emph{a}{b} {c}{d}", "ab cd"),
    ],
)
def test_a_command_is_read_as_what_it_sets(source: str, text: str) -> None:
    assert decode(source) == text


def test_what_the_encoder_writes_for_a_letter_is_read_as_that_letter() -> None:
    encoder = UnicodeToLatexEncoder(
        non_ascii_only=True,
        replacement_latex_protection="braces-all",
        unknown_char_policy="keep",
        unknown_char_warning=False,
    )
    letters = [chr(code) for code in range(0xC0, 0x180)]
    written = {letter: encoder.unicode_to_latex(letter) for letter in letters}
    lost = {letter for letter, source in written.items() if decode(source) != letter}
    # These have no command, and the encoder writes a letter that looks like them.
    assert lost <= set("ĦħĸĿŀŉŦŧŰű")


@given(st.text("abcäßøŁ–“”éčśαβ中文 "))
def test_escapes_in_ascii_are_read_back(text: str) -> None:
    assert decode(to_ascii(text)) == text.strip()
