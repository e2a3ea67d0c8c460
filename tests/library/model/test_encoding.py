"""Bytes to text: which encodings are told apart, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from litrev.errors import UsageFault
from litrev.library.model.encoding import Undecodable, decode

CHINESE = "社区治理是国家治理的基础。本文以某社区为研究对象，采用访谈法。"
FRENCH = "“L’été”, naïve café — Müller’s résumé: déjà vu, señor Nuñez, fjørd, Łódź".replace(
    "Łódź", "coöperation"
)


@pytest.mark.parametrize(
    ("data", "text", "encoding"),
    [
        (CHINESE.encode(), CHINESE, "utf-8"),
        (b"\xef\xbb\xbf" + CHINESE.encode(), CHINESE, "utf-8"),
        (CHINESE.encode("gb18030"), CHINESE, "gb18030"),
        (b"\xff\xfe" + CHINESE.encode("utf-16-le"), CHINESE, "utf-16-le"),
        (b"\xfe\xff" + CHINESE.encode("utf-16-be"), CHINESE, "utf-16-be"),
        (
            "Plain English without a mark.".encode("utf-16-le"),
            "Plain English without a mark.",
            "utf-16-le",
        ),
        (FRENCH.encode("cp1252"), FRENCH, "cp1252"),
        ("English with 引文 inside".encode("gb18030"), "English with 引文 inside", "gb18030"),
    ],
)
def test_the_encoding_is_recognised(data: bytes, text: str, encoding: str) -> None:
    found = decode(data, "a.txt")
    assert (found.text, found.encoding) == (text, encoding)


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00",
        bytes(range(256)) * 4,
        b"\x00" * 50,
        b"caf\x81\x8d\x8f",
    ],
)
def test_what_is_no_text_is_refused_with_a_remedy(data: bytes) -> None:
    with pytest.raises(Undecodable, match=r"a\.bin") as caught:
        decode(data, "a.bin")
    assert "--encoding" in caught.value.remedy


def test_a_named_encoding_is_taken_at_its_word() -> None:
    assert decode("社區治理".encode("big5"), "a.txt", encoding="big5").text == "社區治理"
    with pytest.raises(Undecodable):
        decode(CHINESE.encode(), "a.txt", encoding="ascii")
    for name in ("no-such-encoding", "hex", "undefined"):
        with pytest.raises(UsageFault, match="no text encoding"):
            decode(b"x", "a.txt", encoding=name)


@pytest.mark.parametrize(
    ("text", "newline"), [("a\r\nb\r\n", "\r\n"), ("a\nb\n", "\n"), ("a\rb\r", "\r"), ("a", "\n")]
)
def test_the_newline_style_is_kept(text: str, newline: str) -> None:
    found = decode(text.encode(), "a.txt")
    assert (found.newline, found.text) == (newline, text)


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"])))
def test_any_utf8_text_comes_through_unchanged(text: str) -> None:
    assume(not text.startswith("\ufeff"))
    assert decode(text.encode(), "a.txt").text == text
