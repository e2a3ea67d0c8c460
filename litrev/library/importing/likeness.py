"""How much two versions of a work are alike, and whether a record and a work can be one."""

from __future__ import annotations

import re
import unicodedata

from litrev.library.model.ids import abstract_hash
from litrev.library.model.record import Record
from litrev.library.model.source import Work

VERY_MUCH_ALIKE = 0.8
ALIKE = 0.5  # from which share of common words on a changed text is still the same
_WORD = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+")


def likeness(one: Work, other: Work) -> float:
    """How alike two versions of a work are, from 0 to 1: by DOI, else by what they have in common.

    That is the words of the title, those of the abstract, or the author under the same key;
    the highest of these counts, and half of it where the DOIs differ. Two versions that have
    nothing to compare are just alike.
    """
    one_doi = one.get("doi")
    other_doi = other.get("doi")
    both_have_doi = bool(one_doi and other_doi)
    dois = {_fold(one_doi), _fold(other_doi)} - {""}
    if both_have_doi and len(dois) == 1:
        return 1.0
    shares = _shares(one, other)
    if not shares:
        return ALIKE
    highest = max(shares)
    return highest / 2 if len(dois) == 2 else highest


def _shares(one: Work, other: Work) -> list[float]:
    """What two versions of a work have in common, for each thing that both say."""
    shares = []
    if one.get("title") and other.get("title"):
        shares.append(_title_share(one, other))
    if one.abstract and other.abstract:
        abstract_share = share(one.abstract, other.abstract, run=3)
        shares.append(abstract_share)
    # A key is usually made of author and year. If key, author and type are still the same, the
    # title may have been corrected.
    if _same_key_and_author(one, other):
        shares.append(ALIKE)
    return shares


def _title_share(one: Work, other: Work) -> float:
    """The share of the titles; less where the years differ and the titles are not the same."""
    title_share = share(one.get("title"), other.get("title"))
    if title_share == 1 or _years_agree(one, other):
        return title_share
    return title_share * 0.9


def _same_key_and_author(one: Work, other: Work) -> bool:
    """Whether both have a key (that of the file's last version) and the same type and author."""
    both_have_key = one.key and other.key
    if not both_have_key or one.entry_type != other.entry_type:
        return False
    author_share = share(one.get("author"), other.get("author"))
    return author_share >= VERY_MUCH_ALIKE


def _years_agree(one: Record | Work, other: Record | Work) -> bool:
    """Whether two years are the same, or one of them is missing."""
    years = {_year(one), _year(other)} - {""}
    return len(years) < 2


def _year(work: Record | Work) -> str:
    """The first four characters of the year or the date; empty where there is neither."""
    date = work.get("year") or work.get("date")
    return date.strip()[:4]


def share(one: str, other: str, run: int = 1) -> float:
    """The part of the runs of words that two texts have in common, from 0 to 1.

    ``run`` is the number of words, in Chinese of characters, in one run. The measure is
    Dice's coefficient: twice the common runs, divided by the runs of both.

    >>> share("trust among nurses", "Trust among doctors and nurses")
    0.75
    >>> share("trust among nurses", "trust among doctors", run=2)
    0.5
    """
    ours = _runs(one, run)
    theirs = _runs(other, run)
    if not ours or not theirs:
        return 0.0
    common = ours & theirs
    return 2 * len(common) / (len(ours) + len(theirs))


def _runs(text: str, length: int) -> set[tuple[str, ...]]:
    """The runs of ``length`` words of a text; of a shorter text, all of it as one run."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    words = _WORD.findall(folded)
    if not words:
        return set()
    length = min(length, len(words))
    starts = range(len(words) - length + 1)
    return {tuple(words[start : start + length]) for start in starts}


def same_work(record: Record, work: Work) -> bool:
    """Whether a record and a work under the same key can be one.

    The DOIs decide if both have one, else title and year, else the abstracts. Where there is
    nothing to compare they can.
    """
    record_doi = _fold(record.get("doi"))
    work_doi = _fold(work.get("doi"))
    if record_doi and work_doi:
        return record_doi == work_doi
    record_title = _fold(record.get("title"))
    work_title = _fold(work.get("title"))
    if record_title and work_title:
        return record_title == work_title and _years_agree(record, work)
    if record.abstract is not None and work.abstract is not None:
        return abstract_hash(record.abstract) == abstract_hash(work.abstract)
    return True


def _fold(text: str) -> str:
    """The letters and digits of a text, in lower case and without differences of width.

    >>> _fold("https://doi.org/10.1/ＡB")
    'httpsdoiorg101ab'
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in folded if char.isalnum())
