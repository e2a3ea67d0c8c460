"""The frame of an HTML page that loads nothing and runs nothing but its own style and script."""

from __future__ import annotations

import base64
import hashlib

from litrev.library.render.markup import Html, joined

_HEAD = Html(
    '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    '<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    '<meta name="referrer" content="no-referrer">\n'
    "<title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n"
)
_END = Html("\n</body>\n</html>\n")


def page(title: str, body: Html, style: str, policy: str = "") -> str:
    """A whole page as plain text, not as Html.

    ``style`` is CSS, which must not hold the end of its element; ``policy`` is a content security
    policy. Without one, the page may use ``style`` and nothing else.
    """
    # Browsers read a style letter by letter, entities too. It is a constant of this program.
    raw_style = Html(style)  # noqa: S704
    head = _HEAD.format(title=title, policy=policy or _style_only(style), style=raw_style)
    # Plain text again: whoever joins something to a page must not find it escaped.
    return str(joined([head, body, _END]))


def digest(text: str) -> str:
    """The SHA-256 by which a content security policy knows an inline style or script, in base64.

    It is of the whole content of the element, its line ends included.

    >>> digest("")
    '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='
    """
    sha256 = hashlib.sha256(text.encode())
    return base64.b64encode(sha256.digest()).decode()


def _style_only(style: str) -> str:
    """The policy of a page that runs no script."""
    own_style = f"style-src 'sha256-{digest(style)}'"
    return f"default-src 'none'; {own_style}; base-uri 'none'; form-action 'none'"
