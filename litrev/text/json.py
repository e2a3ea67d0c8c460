"""JSON as litrev writes it: readable, and safe to print."""

from __future__ import annotations

import json
import re
from typing import Any

_UNSAFE = re.compile("[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def dump(value: Any, indent: int | None = 2) -> str:
    r"""``value`` as JSON and a line break, on one line when ``indent`` is None.

    Characters that could control a terminal are escaped, all others written as they are. Raises
    TypeError for what JSON cannot hold.

    >>> dump({"title": "党建", "mark": "\u200b"}, indent=None)
    '{"title":"党建","mark":"\\u200b"}\n'
    """
    separators = None if indent else (",", ":")
    text = json.dumps(value, ensure_ascii=False, indent=indent, separators=separators)
    return _UNSAFE.sub(_escaped, text) + "\n"


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match.group()):04x}"
