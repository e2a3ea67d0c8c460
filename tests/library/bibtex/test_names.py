"""Names are divided before the braces within them go, as BibTeX does it."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from litrev.library.bibtex.names import decode_names, encode_names, parse_names
from tests.conftest import CommandLine


@pytest.mark.parametrize(
    ("source", "family", "given_names", "prefix", "suffix"),
    [
        ("Donald E. Knuth", "Knuth", "Donald E.", "", ""),
        ("Knuth, Donald E.", "Knuth", "Donald E.", "", ""),
        ("Ludwig van Beethoven", "Beethoven", "Ludwig", "van", ""),
        ("de la Cruz, Maria", "Cruz", "Maria", "de la", ""),
        ("King, Jr., Martin Luther", "King", "Martin Luther", "", "Jr."),
        ("Jean {de La Fontaine}", "de La Fontaine", "Jean", "", ""),
        ("{de La Fontaine}, Jean", "de La Fontaine", "Jean", "", ""),
        ("van {den Bergh}, Anna", "den Bergh", "Anna", "van", ""),
        ("Jan {van} Eyck", "Eyck", "Jan van", "", ""),
        ("{d'Alembert}, Jean", "d'Alembert", "Jean", "", ""),
        ("Smith, {John, Jr.}", "Smith", "John, Jr.", "", ""),
        (r"L{\'o}pez {\'Alvarez de la Fuente}", "Álvarez de la Fuente", "López", "", ""),
        (r"K{\H o}nig, D{\'e}nes", "Kőnig", "Dénes", "", ""),
        (r"{\relax Ch}arles {D}arwin", "Darwin", "Charles", "", ""),
        (r"\emph{Anna Lea} Berg", "Berg", "Anna Lea", "", ""),
        ("{World Health Organization}", "World Health Organization", "", "", ""),
        ("{Barnes and Noble} Inc.", "Inc.", "Barnes and Noble", "", ""),
        ("family=Berg, given=Jan, prefix=van den", "Berg", "Jan", "van den", ""),
        ("欧阳修", "欧阳", "修", "", ""),
        ("李明", "李", "明", "", ""),
    ],
)
def test_a_name_is_divided_into_its_parts(
    source: str, family: str, given_names: str, prefix: str, suffix: str
) -> None:
    (name,) = parse_names(decode_names(source))
    assert (name.family, name.given, name.prefix, name.suffix) == (
        family,
        given_names,
        prefix,
        suffix,
    )


_PLAIN = st.text("Aaé {},'\"中", max_size=24)
_PIECES = st.lists(
    st.sampled_from(
        [*"Adé中 {},，;-'`$%&\n\t", *(" and ", " AND ", "  and ", "{and}", "{A a}", "{van}")]
    ),
    max_size=14,
).map("".join)


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("{{ }}A", "A"),
        ("A and {} and B", "A and B"),
        ('A AND G{\\"o}del', "A AND Gödel"),
        ('A and\n\tG{\\"o}del', "A and Gödel"),
        ("{van} {}", "van"),
        (r"Anna~{van} Berg", "Anna\u00a0{van} Berg"),
        (r"AT\&{T and T}", "AT&{T and T}"),
        ("Berg} and {Lea}", "Berg} and Lea"),
    ],
)
def test_what_is_decoded_is_a_list_without_idle_braces_and_empty_names(
    source: str, names: str
) -> None:
    assert decode_names(source) == names


@given(_PLAIN | _PIECES)
@example("{{ }}A")
@example("{a} {")
@example("A AND # and {}")
@example("A{ and} {d}")
@example("%{A a}")
@example(r"\{\{a\}\}")
def test_decoded_names_are_written_so_that_they_are_read_back(source: str) -> None:
    names = decode_names(source)
    assert decode_names(encode_names(names)) == names


def test_a_braced_family_name_is_whole_in_what_is_exported(cli: CommandLine) -> None:
    entry = "@book{fable, author = {Jean {de La Fontaine}}, title = {Fables}, year = 1668}\n"
    cli.ok("add", cli.write("a.bib", entry))
    (exported,) = json.loads(cli.ok("export", "-f", "csl-json").out)
    assert exported["author"] == [{"family": "de La Fontaine", "given": "Jean"}]
    assert "AU  - de La Fontaine, Jean" in cli.ok("export", "-f", "ris").out
    assert "author = {Jean {de La Fontaine}}," in cli.ok("export", "-f", "bibtex").out
    cli.ok("sync", "a.bib")
    assert (cli.folder / "a.bib").read_text("utf-8") == entry
