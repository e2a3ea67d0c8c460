"""Bytes read as text: UTF-8, UTF-16, GB18030, cp1252, or a named encoding."""

from __future__ import annotations

import codecs
import re

from litrev.errors import LitrevError, Status, UsageFault
from litrev.library.model.ids import fingerprint
from litrev.library.model.source import Text


class Undecodable(LitrevError):
    """Bytes that are not text in any encoding that litrev knows."""

    status = Status.QUARANTINED


_WAY_OUT = "Save it as UTF-8 text, or name its encoding with --encoding."
# UTF-32 before UTF-16: the mark of UTF-32-LE begins with that of UTF-16-LE.
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDE = ("utf-16", "utf-32", "utf_16", "utf_32")
# Encodings whose decoder never gives half of a surrogate pair; others, such as UTF-7, may.
_WITHOUT_HALVES = frozenset({"utf-8", "utf-16-le", "utf-16-be", "gb18030", "cp1252", "latin-1"})
_CONTROLS = bytes([*range(7), *range(0x0E, 0x1B)])
_BINARY = re.compile(r"[\x00\x01-\x06\x0e-\x1a]")
_HEADER = re.compile(rb"[Ee]ncoding:[ \t]*([A-Za-z][\w.-]*)")  # as JabRef writes it
_XML_HEADER = re.compile(rb"<\?xml[^>]*?encoding=[\"']([A-Za-z][\w.-]*)")
_SURROGATE = re.compile("[\ud800-\udfff]")
_HIGH = bytes(range(0x80, 0x100))
_CP1252_HOLES = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_LOOKED_AT = 4096  # bytes at the beginning that decide whether a text without a mark is UTF-16


def decode(data: bytes, name: str, locator: str = "", encoding: str | None = None) -> Text:
    """``data`` as text: by its byte order mark, else UTF-8, UTF-16, what JabRef's header says,
    GB18030 or cp1252.

    Raises Undecodable for what is not text, with ``name`` and the remedy in its message, and
    UsageFault for an ``encoding`` that Python does not know.
    """
    if encoding is not None:
        _check_encoding(encoding)
    mark, marked_codec = _byte_order_mark(data)
    body = data[len(mark) :]
    try:
        codec = _codec(body, marked_codec, encoding)
        text = body.decode(codec)
    except UnicodeDecodeError as error:
        tried = encoding or marked_codec or "UTF-8, UTF-16, GB18030 or cp1252"
        raise Undecodable(f"{name}: cannot be read as {tried} text ({error})", _WAY_OUT) from error
    if codec not in _WITHOUT_HALVES and _SURROGATE.search(text):
        raise Undecodable(f"{name}: holds halves of characters, which are not text", _WAY_OUT)
    controls = _count_controls(text, body, codec)
    if _is_binary(text, controls):
        raise Undecodable(f"{name}: is binary, not text", _WAY_OUT)
    return Text(
        text=text,
        name=name,
        encoding=codec,
        bom=bool(mark),
        newline=_newline(text),
        sha256=fingerprint(data),
        locator=locator,
        doubt=_doubt(text, codec, controls),
    )


def _check_encoding(name: str) -> None:
    try:
        "".encode(name)
    except (LookupError, UnicodeError) as error:
        raise UsageFault(
            f"no text encoding is named {name}", "Such as utf-8, gb18030, big5, cp1252 or utf-16."
        ) from error


def _byte_order_mark(data: bytes) -> tuple[bytes, str]:
    """The mark at the beginning of ``data`` and the codec it means; both are empty without one."""
    for mark, codec in _BOMS:
        if data.startswith(mark):
            return mark, codec
    return b"", ""


def _codec(body: bytes, marked_codec: str, encoding: str | None) -> str:
    """The codec to read with: the one asked for, else that of the mark, else what is detected."""
    if encoding is None:
        return marked_codec or _detect(body)
    # The mark is cut off already, and "utf-16" would then be read in this machine's byte order.
    if marked_codec and encoding.casefold().startswith("utf"):
        return marked_codec
    return encoding


def _count_controls(text: str, body: bytes, codec: str) -> int:
    """How many control characters of binary files there are; tabs and line ends are not."""
    if codec.startswith(_WIDE):
        return len(_BINARY.findall(text))
    # Where ASCII is one byte, deleting bytes is five times as fast as a pattern over the text.
    return len(body) - len(body.translate(None, _CONTROLS))


def _is_binary(text: str, controls: int) -> bool:
    """Whether a text has more control characters than a damaged text would have."""
    if not controls:
        return False
    if controls > 8 + len(text) // 50:
        return True
    return text.count("\x00") > 2 + len(text) // 1000


def _doubt(text: str, codec: str, controls: int) -> str:
    """What a person should know of how a text was read; empty where all is certain."""
    doubts = []
    if codec == "latin-1":
        doubts.append(
            "a few bytes are of no encoding litrev knows and are kept as latin-1; "
            "name the encoding with --encoding"
        )
    if controls and "\x00" in text:
        doubts.append(f"{text.count(chr(0))} NUL characters stand in the text and are kept")
    return "; ".join(doubts)


def _detect(data: bytes) -> str:
    """The encoding of bytes without a mark; raises UnicodeDecodeError when none fits.

    The order matters: UTF-8 is hardly ever read by mistake, while GB18030 and cp1252 decode most
    bytes to something.
    """
    if b"\x00" in data[:_LOOKED_AT]:
        return _detect_wide(data)
    if _decodes(data, "utf-8"):
        return "utf-8"
    stated = _HEADER.search(data[:400]) or _XML_HEADER.match(data[:200])
    if stated:
        codec = stated.group(1).decode("ascii")
        if _decodes(data, codec):
            return codec.casefold()
    _refuse_damaged_utf8(data)
    if _looks_like_gb(data):
        return "gb18030"
    return _detect_european(data)


def _detect_european(data: bytes) -> str:
    """cp1252, or latin-1 for a few bytes cp1252 lacks; raises UnicodeDecodeError for others."""
    high_bytes = len(data) - len(data.translate(None, _HIGH))
    if high_bytes > len(data) // 3:  # no European text has so many
        raise UnicodeDecodeError("utf-8", data, 0, 1, "it may be Big5, EUC or Shift-JIS")
    if not _CP1252_HOLES.search(data):
        return "cp1252"
    if high_bytes > len(data) // 1000:
        raise UnicodeDecodeError("utf-8", data, 0, 1, "neither UTF-8, UTF-16, GB18030 nor cp1252")
    return "latin-1"


def _refuse_damaged_utf8(data: bytes) -> None:
    """Raise for UTF-8 in which a few bytes are broken: any other encoding would spoil the rest."""
    sequences = len(re.findall(rb"[\xc3-\xf4][\x80-\xbf]+", data))
    if sequences <= 2:
        return
    # Each byte that is not UTF-8 comes back as one lone surrogate.
    escaped = data.decode("utf-8", "surrogateescape")
    broken = sum("\udc80" <= char <= "\udcff" for char in escaped)
    if not broken or broken * 4 >= sequences:
        return
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
    beginning = data[:_LOOKED_AT]
    even_zeros = beginning[0::2].count(0)
    odd_zeros = beginning[1::2].count(0)
    candidates = (("utf-16-le", odd_zeros, even_zeros), ("utf-16-be", even_zeros, odd_zeros))
    for codec, high_zeros, low_zeros in candidates:
        stands_out = high_zeros > 4 * low_zeros and high_zeros > len(beginning) // 10
        if stands_out and len(data) % 2 == 0:
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
    common = sum(map(_in_gb2312, wide))
    return common >= 0.8 * len(wide)


def _in_gb2312(char: str) -> bool:
    try:
        return len(char.encode("gb2312")) == 2
    except UnicodeEncodeError:
        return False


def _newline(text: str) -> str:
    """The line end that ``text`` uses most; "\\n" when it has none."""
    if "\r" not in text:
        return "\n"
    crlf = text.count("\r\n")
    counts = {"\r\n": crlf, "\n": text.count("\n") - crlf, "\r": text.count("\r") - crlf}
    return max(counts, key=lambda newline: counts[newline])
