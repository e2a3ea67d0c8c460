"""What a thesis is by the degree it names: a master's or a doctor's, in English and Chinese."""

from __future__ import annotations

import re

from litrev.library.formats.draft import Draft

_DOCTOR = re.compile(r"博士|doctoral|ph\.?\s?d|doctor", re.IGNORECASE)
_MASTER = re.compile(r"[硕碩]士|master|m\.?\s?(?:a|sc|phil|ed)\b", re.IGNORECASE)


def set_degree(draft: Draft, degree: str) -> None:
    """Let the entry type say which degree a thesis was for, where that is told."""
    if _DOCTOR.search(degree):
        draft.entry_type = "phdthesis"
    elif _MASTER.search(degree):
        draft.entry_type = "mastersthesis"
