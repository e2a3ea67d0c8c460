"""From text to fields in one short path: sentences, roles, fields, later steps taking what earlier ones left."""

from __future__ import annotations

from litrev.library.extraction.chapters import find_chapters
from litrev.library.extraction.lexicon import Lexicon, lexicon_for
from litrev.library.extraction.noun_phrases import find_methods, find_site, find_theory
from litrev.library.extraction.proposal import Proposal
from litrev.library.extraction.research_object import find_research_object
from litrev.library.extraction.roles import assign_roles
from litrev.library.extraction.sentences import RoledSentence, split_sentences
from litrev.library.extraction.statements import find_findings, find_problems, find_recommendations

VERSION = "rules-1"
LONGEST_TEXT = 200_000  # characters of an abstract that are searched; what is longer is no abstract


def read(text: str) -> tuple[Lexicon, list[RoledSentence]]:
    """The sentences of ``text`` with their roles, and the language they were read in."""
    lexicon = lexicon_for(text)
    return lexicon, assign_roles(split_sentences(text[:LONGEST_TEXT], lexicon), lexicon)


def extract(text: str) -> list[Proposal]:
    """All proposals for an abstract, in the order of the text within each field; no evidence, no value.

    Spans are offsets into ``text`` in Unicode code points.
    """
    lexicon, sentences = read(text)
    chapters = find_chapters(text, sentences, lexicon)
    problems = list(find_problems(text, sentences, lexicon))
    recommendations = list(find_recommendations(text, sentences, lexicon))
    taken = [enumeration.span for enumeration in (*problems, *recommendations)]
    found = [
        *find_research_object(text, sentences, lexicon),
        *find_methods(text, sentences, lexicon),
        *chapters,
        *find_findings(text, sentences, lexicon, taken),
        *(proposal for enumeration in (*problems, *recommendations) for proposal in enumeration.proposals),
        *find_theory(text, sentences, lexicon),
        *find_site(text, sentences, lexicon),
    ]
    return _unique(text, found)


def _unique(text: str, found: list[Proposal]) -> list[Proposal]:
    """Each span once a field, none of them empty or blank at an end."""
    seen: set[tuple[str, int, int]] = set()
    kept = []
    for proposal in found:
        place = (proposal.field, proposal.start, proposal.end)
        words = text[proposal.start : proposal.end]
        if place not in seen and words and words == words.strip():
            seen.add(place)
            kept.append(proposal)
    return kept
