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


@pytest.mark.parametrize(
    ("data", "binary"),
    [
        (b"\x01" * 8, False),
        (b"\x01" * 9, True),
        (b"\x01" * 9 + b"x" * 41, False),
        (b"\x00\x00", False),
        (b"\x00\x00\x00", True),
        (b"\x00" * 3 + b"x" * 997, False),
        (b"\t\r\n\x0c" * 50, False),
    ],
)
def test_a_text_may_hold_a_few_control_characters(data: bytes, binary: bool) -> None:
    if binary:
        with pytest.raises(Undecodable, match="is binary, not text"):
            decode(data, "a.txt")
    else:
        assert decode(data, "a.txt").text == data.decode()


def test_nul_characters_that_are_kept_are_reported() -> None:
    doubt = decode(b"ab\x00cd\x00ef", "a.txt").doubt
    assert doubt == "2 NUL characters stand in the text and are kept"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (b"\xe9" + b"x" * 1998 + b"\x81", "latin-1"),  # 2 odd bytes in 2,000
        (b"\xe9" + b"x" * 1997 + b"\x81", None),
        (b"\xe9xx" * 20, "cp1252"),  # a third of the bytes
        (b"\xe9xx" * 20 + b"\xe9", None),
    ],
)
def test_european_text_has_few_bytes_beyond_ascii(data: bytes, encoding: str | None) -> None:
    if encoding is None:
        with pytest.raises(Undecodable):
            decode(data, "a.txt")
    else:
        assert decode(data, "a.txt").encoding == encoding


def test_utf8_with_a_few_broken_bytes_is_refused_with_the_line_of_the_first() -> None:
    data = ("社区\n治理" * 3).encode() + b"\n\xff " + "基础".encode()
    with pytest.raises(Undecodable, match="UTF-8 but for 1 bytes, the first in line 5"):
        decode(data, "a.txt")


@pytest.mark.parametrize(
    ("encoding", "chosen"), [(None, "utf-16-be"), ("utf-16", "utf-16-be"), ("UTF-8", "utf-16-be")]
)
def test_a_byte_order_mark_decides_which_utf_it_is(encoding: str | None, chosen: str) -> None:
    decoded = decode(b"\xfe\xff" + "治理".encode("utf-16-be"), "a.txt", encoding=encoding)
    assert (decoded.encoding, decoded.text, decoded.bom) == (chosen, "治理", True)


def test_a_stated_encoding_is_believed_where_it_fits() -> None:
    big5 = "% Encoding: Big5\n社區治理".encode("big5")
    assert decode(big5, "a.bib").encoding == "big5"
    latin = b"<?xml version='1.0' encoding='ISO-8859-2'?><a>\xb1</a>"
    assert decode(latin, "a.xml").encoding == "iso-8859-2"
    assert decode(b"% Encoding: nonsense\ncaf\xe9", "a.bib").encoding == "cp1252"
