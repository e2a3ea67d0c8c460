"""Bytes read as text: UTF-8, UTF-16, GB18030, cp1252, or as told."""

from __future__ import annotations

import codecs
import re

from litrev.errors import LitrevError, Status, UsageFault
from litrev.library.model.ids import fingerprint
from litrev.library.model.source import Text


class Undecodable(LitrevError):
    """Bytes that are text in none of the encodings litrev knows."""

    status = Status.QUARANTINED


_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WITHOUT_HALVES = frozenset({"utf-8", "utf-16-le", "utf-16-be", "gb18030", "cp1252", "latin-1"})
_CONTROLS = bytes([*range(7), *range(0x0E, 0x1B)])
_BINARY = re.compile(r"[\x00\x01-\x06\x0e-\x1a]")
_HEADER = re.compile(rb"[Ee]ncoding:[ \t]*([A-Za-z][\w.-]*)")  # as JabRef writes it
_XML_HEADER = re.compile(rb"<\?xml[^>]*?encoding=[\"']([A-Za-z][\w.-]*)")
_SURROGATE = re.compile("[\ud800-\udfff]")
_HIGH = bytes(range(0x80, 0x100))
_CP1252_HOLES = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")


def decode(data: bytes, name: str, locator: str = "", encoding: str | None = None) -> Text:
    """``data`` as text: by its mark, else UTF-8, UTF-16, what JabRef's header says, GB18030 or
    cp1252.

    Raises Undecodable for what is no text; the message names ``name`` and the way out.
    """
    if encoding is not None:
        _check_encoding(encoding)
    bom = next(((mark, codec) for mark, codec in _BOMS if data.startswith(mark)), None)
    body = data[len(bom[0]) :] if bom else data
    try:
        codec = (
            bom[1]
            if bom and (encoding or "utf").casefold().startswith("utf")
            else encoding or _detect(body)
        )
        text = body.decode(codec)
    except UnicodeDecodeError as error:
        tried = encoding or (bom[1] if bom else "UTF-8, UTF-16, GB18030 or cp1252")
        raise Undecodable(f"{name}: cannot be read as {tried} text ({error})", _WAY_OUT) from error
    wide = codec.startswith(("utf-16", "utf-32", "utf_16", "utf_32"))
    controls = (
        len(_BINARY.findall(text)) if wide else len(body) - len(body.translate(None, _CONTROLS))
    )
    if codec not in _WITHOUT_HALVES and _SURROGATE.search(text):
        raise Undecodable(f"{name}: holds halves of characters, which are no text", _WAY_OUT)
    if (controls and text.count("\x00") > 2 + len(text) // 1000) or controls > 8 + len(text) // 50:
        raise Undecodable(f"{name}: is binary, not text", _WAY_OUT)
    return Text(
        text,
        name,
        codec,
        bom is not None,
        _newline(text),
        fingerprint(data),
        locator,
        _doubt(text, codec, controls),
    )


def _doubt(text: str, codec: str, controls: int) -> str:
    doubts = []
    if codec == "latin-1":
        doubts.append(
            "a few bytes are of no encoding litrev knows and are kept as latin-1; name the encoding with --encoding"
        )
    if controls and "\x00" in text:
        doubts.append(f"{text.count(chr(0))} NUL characters stand in the text and are kept")
    return "; ".join(doubts)


def _check_encoding(name: str) -> None:
    try:
        "".encode(name)
    except (LookupError, UnicodeError) as error:
        raise UsageFault(
            f"no text encoding is named {name}", "Such as utf-8, gb18030, big5, cp1252 or utf-16."
        ) from error


_WAY_OUT = "Save it as UTF-8 text, or name its encoding with --encoding."


def _detect(data: bytes) -> str:
    if b"\x00" in data[:4096]:
        return _detect_wide(data)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return "utf-8"
    stated = _HEADER.search(data[:400]) or _XML_HEADER.match(data[:200])
    if stated and _decodes(data, stated.group(1).decode("ascii")):
        return stated.group(1).decode("ascii").casefold()
    _refuse_damaged_utf8(data)
    if _looks_like_gb(data):
        return "gb18030"
    high = len(data) - len(data.translate(None, _HIGH))
    if high > len(data) // 3:  # no European text has so many
        raise UnicodeDecodeError("utf-8", data, 0, 1, "it may be Big5, EUC or Shift-JIS")
    if _CP1252_HOLES.search(data):
        if high <= len(data) // 1000:
            return "latin-1"
        raise UnicodeDecodeError("utf-8", data, 0, 1, "neither UTF-8, UTF-16, GB18030 nor cp1252")
    return "cp1252"


def _refuse_damaged_utf8(data: bytes) -> None:
    """Raise for UTF-8 in which a few bytes are broken: any other encoding would spoil all the rest."""
    wide = len(re.findall(rb"[\xc3-\xf4][\x80-\xbf]+", data))
    broken = (
        sum(0xDC80 <= ord(char) <= 0xDCFF for char in data.decode("utf-8", "surrogateescape"))
        if wide > 2
        else 0
    )
    if broken and broken * 4 < wide:
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            reason = f"it is UTF-8 but for {broken} bytes, the first in line {line}"
            raise UnicodeDecodeError("utf-8", data, error.start, error.end, reason) from error


def _decodes(data: bytes, codec: str) -> bool:
    try:
        data.decode(codec)
    except (LookupError, UnicodeError):
        return False
    return True


def _detect_wide(data: bytes) -> str:
    """UTF-16 without a mark: in text every other byte is often zero, in a binary any byte is."""
    even, odd = data[0:4096:2].count(0), data[1:4096:2].count(0)
    for codec, many, few in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if many > 4 * few and many > len(data[:4096]) // 10 and len(data) % 2 == 0:
            return codec
    return "utf-8"  # NULs in UTF-8: decode() calls it binary


def _looks_like_gb(data: bytes) -> bool:
    """Whether nearly all non-ASCII characters lie in GB 2312's rows of symbols and Han characters.

    GB18030 also decodes most cp1252 text, to rare characters: a lead byte followed by an ASCII
    letter. Chinese text hardly ever has those.
    """
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return False
    wide = [char for char in text if ord(char) > 0x7F]
    common = sum(1 for char in wide if _in_gb2312(char))
    return common >= 0.8 * len(wide)


def _in_gb2312(char: str) -> bool:
    try:
        return len(char.encode("gb2312")) == 2
    except UnicodeEncodeError:
        return False


def _newline(text: str) -> str:
    if "\r" not in text:
        return "\n"
    crlf = text.count("\r\n")
    counts = {"\r\n": crlf, "\n": text.count("\n") - crlf, "\r": text.count("\r") - crlf}
    best = max(counts, key=lambda newline: counts[newline])
    return best if counts[best] else "\n"
