"""JSON as litrev writes it: readable, and safe to print."""

from __future__ import annotations

import json
import re
from typing import Any

_UNSAFE = re.compile("[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def dump(value: Any, indent: int | None = 2) -> str:
    """``value`` as JSON and a line break, on one line when ``indent`` is None; what could steer a
    terminal is escaped.
    """
    text = json.dumps(
        value, ensure_ascii=False, indent=indent, separators=None if indent else (",", ":")
    )
    return _UNSAFE.sub(lambda m: f"\\u{ord(m.group()):04x}", text) + "\n"
