"""From text to fields: sentences, then their roles, then the fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from litrev.library.extraction.chapters import find_chapters
from litrev.library.extraction.lexicon import Folders, Lexicon, lexicon_for
from litrev.library.extraction.linear import confidence
from litrev.library.extraction.named import FIELDS as NAMED
from litrev.library.extraction.named import find_named
from litrev.library.extraction.proposal import Proposal
from litrev.library.extraction.research_object import find_research_object
from litrev.library.extraction.roles import assign_roles
from litrev.library.extraction.sentences import RoledSentence, split_sentences
from litrev.library.extraction.statements import find_statements

if TYPE_CHECKING:
    from litrev.library.model.codebook import Codebook, StructuredField

VERSION = "rules-3"
LONGEST_TEXT = 50_000  # characters that are searched: what is longer is not an abstract


def extractors(codebook: Codebook) -> dict[str, str]:
    """The version of the search for each field: when it changes, abstracts are searched again."""
    import json

    from litrev.library.model.ids import fingerprint

    versions = {}
    for field in codebook.fields:
        words = [
            field.kind.value,
            [*field.cues],
            {label: [*names] for label, names in field.values.items()},
        ]
        suffix = f"+{fingerprint(json.dumps(words))[:12]}" if field.cues or field.values else ""
        versions[field.name] = ("cues-1" if field.own else VERSION) + suffix
    return versions


def read(text: str, languages: Folders = ()) -> tuple[Lexicon, list[RoledSentence]]:
    """The sentences of ``text`` with their roles, and the language they were read in.

    ``languages`` are folders of language files beside those that come with litrev.
    """
    lexicon = lexicon_for(text, languages)
    return lexicon, assign_roles(split_sentences(text[:LONGEST_TEXT], lexicon), lexicon)


def extract(
    text: str, own: Sequence[StructuredField] = (), languages: Folders = ()
) -> list[Proposal]:
    """All proposals for an abstract, in the order of the text within each field.

    ``own`` are fields that a person has defined, or added words to. Spans are offsets into ``text``
    in Unicode code points.
    """
    text = text[:LONGEST_TEXT]
    lexicon, sentences = read(text, languages)
    proposals = fields_of(text, sentences, lexicon)
    if own:
        from litrev.library.extraction.own import find_own, more_methods
    for field in own:
        known = (
            find_own(field, text, sentences, lexicon)
            if field.own
            else more_methods(field, text, sentences)
            if field.name == "methods"
            else []
        )
        proposals += [
            p
            for p in known
            if not any(
                o.field == p.field and o.start < p.end and p.start < o.end for o in proposals
            )
        ]
    return proposals


def fields_of(text: str, sentences: list[RoledSentence], lexicon: Lexicon) -> list[Proposal]:
    """The proposals from sentences whose roles are known."""
    proposals = find_research_object(text, sentences, lexicon)
    proposals += find_chapters(text, sentences, lexicon)
    proposals += find_statements(text, sentences, lexicon)
    for field in NAMED:
        proposals += find_named(field, text, sentences, lexicon)
    return [
        proposal._replace(
            confidence=min(0.99, round(confidence(proposal.field, proposal.confidence), 2))
        )
        for proposal in _unique(text, proposals)
    ]


def _unique(text: str, proposals: list[Proposal]) -> list[Proposal]:
    """Each span once for each field, none of them empty or with spaces at an end."""
    seen: set[tuple[str, int, int]] = set()
    kept = []
    for proposal in proposals:
        place = (proposal.field, proposal.start, proposal.end)
        words = text[proposal.start : proposal.end]
        if place not in seen and words and words == words.strip():
            seen.add(place)
            kept.append(proposal)
    return kept
