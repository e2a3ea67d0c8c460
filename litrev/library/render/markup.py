"""HTML and SVG in which every text is escaped, unless it is marked as markup."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape as with_entities
from typing import Any, Protocol, Self

from markupsafe import Markup

from litrev.text.display import visible


class Html(Markup):
    """A piece of HTML or SVG.

    What is put into it or joined to it (``format``, ``%``, ``+``, ``join``) is escaped, unless it
    is ``Html`` as well. ``Html("<br>")`` marks a literal of this program as markup; the linter
    (S704) refuses anything but a literal there.

    >>> Html("<b>{}</b>").format("a < b") + " & c"
    Html('<b>a &lt; b</b> &amp; c')
    """

    __slots__ = ()

    @classmethod
    def escape(cls, text: Any, /) -> Self:
        """``text`` as markup that shows just that text, in content and in attributes.

        Control and direction-changing characters are replaced by a mark. What is not a text is
        written as ``str`` does; what is Html stays as it is.

        >>> Html.escape('"R&D" <b>'), Html.escape(Html("<br>"))
        (Html('&quot;R&amp;D&quot; &lt;b&gt;'), Html('<br>'))
        """
        if isinstance(text, cls):
            return text
        return _marked(cls, _escaped(str(text)))


class Element(Protocol):
    """An element whose attributes are known: called with its children, it returns the markup."""

    def __call__(self, *children: str) -> Html:
        """The element with these children; those that are not Html are escaped."""


def element(name: str, **attributes: object) -> Element:
    """A function that makes elements of this name and these attributes from their children.

    It can be called as often as it is needed. Attributes are written as in :func:`start_tag`.

    >>> cell = element("td", class_="n")
    >>> cell("a < b", cell("c"))
    Html('<td class="n">a &lt; b<td class="n">c</td></td>')
    """
    start = f"<{name}{_attributes(attributes)}>"
    end = f"</{name}>"

    # Every value of every row comes through here, hence no calls that can be saved. A class with
    # __call__ is slower by a sixth, Markup.format and Markup.join by five times and more.
    def with_children(*children: str) -> Html:
        pieces = [start]
        for child in children:
            if type(child) is not Html:
                shown = child if child.isprintable() else visible(child)
                child = with_entities(shown)
            pieces.append(child)
        pieces.append(end)
        return _marked(Html, "".join(pieces))

    return with_children


def start_tag(name: str, **attributes: object) -> Html:
    """The start tag, which is all there is of an HTML element that has no content.

    ``None`` and False leave an attribute out, and True writes its name alone. Names are written as
    Python allows them: ``class_`` is ``class``, ``aria_label`` is ``aria-label``.

    >>> start_tag("input", type="search", aria_label='say "hi"', hidden=True, title=None)
    Html('<input type="search" aria-label="say &quot;hi&quot;" hidden>')
    """
    return _marked(Html, f"<{name}{_attributes(attributes)}>")


def empty_element(name: str, **attributes: object) -> Html:
    """An element of SVG that has no content; attributes are written as in :func:`start_tag`.

    >>> empty_element("rect", width=3, stroke_width=".5")
    Html('<rect width="3" stroke-width=".5"/>')
    """
    return _marked(Html, f"<{name}{_attributes(attributes)}/>")


def joined(pieces: Iterable[str], between: str = "") -> Html:
    """The pieces with ``between`` in the gaps; all that is not Html is escaped.

    >>> joined(["a & b", Html("<b>c</b>")], " < ")
    Html('a &amp; b &lt; <b>c</b>')
    """
    # A page joins thousands of rows here: a comprehension, and no call for what is Html.
    safe = [piece if type(piece) is Html else _escaped(piece) for piece in pieces]
    return _marked(Html, str.join(Html.escape(between), safe))


def _attributes(attributes: dict[str, object]) -> str:
    """The attributes as they stand in a start tag, a blank before each."""
    written = []
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        name = key.rstrip("_").replace("_", "-")
        if value is True:
            written.append(f" {name}")
        else:
            # Html is escaped here like any text: its own quotes would end the value.
            written.append(f' {name}="{_escaped(str(value))}"')
    return "".join(written)


def _escaped(text: str) -> str:
    """A text with entities for what HTML reads as markup, and marks for control characters."""
    # Not markupsafe.escape: it makes a Markup of each text, which takes longer than the escaping.
    return with_entities(text if text.isprintable() else visible(text))


# Marks what was made here. Html(…) does the same and takes three times as long.
_marked = str.__new__
