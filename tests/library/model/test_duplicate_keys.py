"""Which records meet as perhaps the same work."""

from __future__ import annotations

import pytest

from litrev.library.model.duplicate_keys import duplicate_keys


@pytest.mark.parametrize(
    ("fields", "keys"),
    [
        ({}, []),
        ({"doi": "https://doi.org/10.1000/ABC.1."}, ["doi:10.1000/abc.1"]),
        ({"doi": "10.100/abc"}, []),
        ({"title": "Abcdefg"}, []),
        ({"title": "Abcdefgh"}, ["title:abcdefgh"]),
        ({"title": "Abcd", "subtitle": "Efgh!"}, ["title:abcdefgh"]),
        ({"title": "社区治"}, []),
        ({"title": "社区治理"}, ["title:社区治理"]),
        ({"title": "社区治ab"}, ["title:社区治ab"]),
        ({"title": "Ｃａｆé  Society"}, ["title:cafesociety"]),
        ({"title": "Café Society", "doi": "10.1000/1"}, ["doi:10.1000/1", "title:cafesociety"]),
    ],
)
def test_a_doi_and_a_title_of_eight_letters_are_keys(
    fields: dict[str, str], keys: list[str]
) -> None:
    assert duplicate_keys(lambda name: fields.get(name, "")) == keys
