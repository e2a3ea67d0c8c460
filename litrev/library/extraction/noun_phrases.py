"""Fields that are named things: methods, theory, site."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from litrev.library.extraction.cues import slot
from litrev.library.extraction.lexicon import Lexicon
from litrev.library.extraction.lexicon import find_methods as vocabulary_methods
from litrev.library.extraction.phrases import trim
from litrev.library.extraction.proposal import Proposal
from litrev.library.extraction.sentences import RoledSentence

_DECLARING = frozenset({"method", "objective", "structure"})
_WORD = r"[A-Za-z][\w’'/-]*"


def find_methods(text: str, sentences: Sequence[RoledSentence], lexicon: Lexicon) -> Iterator[Proposal]:
    """Methods the study says it uses: names of the vocabulary, then phrases that end in a method's head word."""
    seen: set[str] = set()
    declare = lexicon.cues("methods", "declare")
    taken: list[tuple[int, int]] = []
    for sentence in sentences:
        declared = bool(declare and declare.search(sentence.words[:1500]))
        if sentence.role in {"background", "gap", "other", "recommendation", "heading"}:
            continue
        if sentence.role not in _DECLARING and not declared:
            continue
        for start, end, label in _named(text, sentence, lexicon, declared):
            words = text[start:end].casefold()
            if words in seen or any(a < end and start < b for a, b in taken):
                continue
            seen.update((words, label or words))
            taken.append((start, end))
            confidence = 0.88 if label and sentence.role == "method" else 0.72 if label else 0.62
            yield Proposal("methods", start, end, confidence, "methods.vocabulary" if label else "methods.head", label or words)


def _named(text: str, sentence: RoledSentence, lexicon: Lexicon, declared: bool) -> Iterator[tuple[int, int, str | None]]:
    limit = min(sentence.end, sentence.start + 3000)
    generic = set(lexicon.list("methods", "generic"))
    spans = [(m.start(), m.end()) for m in _head_pattern(lexicon).finditer(text, sentence.start, limit)] if declared else []
    declare = lexicon.cues("methods", "declare")
    ends = [m.end() for m in declare.finditer(text, sentence.start, limit)] if declare else []
    spans = [(a, b) for a, b in spans if any(a - 12 <= end <= a + 2 for end in ends)]
    for start, end, label in vocabulary_methods(text, sentence.start, limit):
        wider = [(a, b) for a, b in spans if a <= start and end <= b]
        if wider and lexicon.words:
            start, end = wider[0]
            spans.remove(wider[0])
        start, end = _with_suffix(text, *trim(text, start, end, lexicon))
        yield start, end, label
    for start, end in spans:
        start, end = trim(text, start, end, lexicon)
        if text[start:end].casefold() not in generic and (not lexicon.words or " " in text[start:end]):
            yield start, end, None


def _with_suffix(text: str, start: int, end: int) -> tuple[int, int]:
    """Take in an adjacent "method" or 法."""
    more = re.compile(r"\s+(?:method|approach)s?\b|法|方法", re.IGNORECASE).match(text, end)
    return start, more.end() if more else end


@cache
def _modifier(lexicon: Lexicon) -> str:
    """A word that may stand before the head of a noun phrase: any but a function word."""
    functions = "|".join(map(re.escape, lexicon.plain("function_words")))
    return rf"(?:(?!(?:{functions})\b){_WORD}[ ])"


@cache
def _head_pattern(lexicon: Lexicon) -> re.Pattern[str]:
    heads = "|".join(sorted(map(re.escape, lexicon.list("methods", "heads")), key=len, reverse=True))
    if lexicon.words:
        modifier = _modifier(lexicon)
        return re.compile(rf"\b{modifier}{{1,5}}(?:{heads})\b(?:\s\([A-Z][\w-]{{1,10}}\))?", re.IGNORECASE)
    leads = lexicon.list("methods", "leads")
    lead = "|".join(map(re.escape, leads))
    return re.compile(rf"(?:(?<={')|(?<='.join(map(re.escape, leads))}))(?:(?!{lead})[\w\u4e00-\u9fff/–-]){{1,16}}?(?:{heads})(?![\u4e00-\u9fff]?法)")


def find_theory(text: str, sentences: Sequence[RoledSentence], lexicon: Lexicon) -> Iterator[Proposal]:
    """Named theories, models of thought and doctrines."""
    seen: set[str] = set()
    generic = set(lexicon.list("theory", "generic"))
    for sentence in sentences:
        if sentence.role in {"background", "gap", "other", "heading"} and len(sentences) > 2:
            continue
        for match in _theory_pattern(lexicon).finditer(text, sentence.start, min(sentence.end, sentence.start + 3000)):
            start, end = trim(text, *match.span(), lexicon)
            words = text[start:end].casefold()
            if words in generic or words in seen or (lexicon.words and " " not in words) or end - start < 4:
                continue
            seen.add(words)
            yield Proposal("theory", start, end, 0.85 if sentence.role != "result" else 0.6, "theory.named")


@cache
def _theory_pattern(lexicon: Lexicon) -> re.Pattern[str]:
    heads = "|".join(lexicon.list("theory", "heads"))
    if lexicon.words:
        of = "|".join(map(re.escape, lexicon.list("theory", "of")))
        modifier = _modifier(lexicon)
        before = rf"\b{modifier}{{1,5}}(?:{heads})\b(?:\son\s(?:{_WORD}\s){{1,4}}(?:and\s{_WORD}\s)?theory)?"
        after = rf"\b(?:{of})\s(?:the\s)?{_WORD}(?:\s(?!(?:as|to|is|was|in|for|with)\b){_WORD}){{0,10}}"
        return re.compile(rf"{after}|{before}", re.IGNORECASE)
    lead = "|".join(map(re.escape, lexicon.list("theory", "leads")))
    return re.compile(rf"(?:(?!{lead}).){{2,16}}?(?:{heads})(?![\u4e00-\u9fff]?(?:上|基础|模型|分析|意义|研究|和实践|与实践))")


def find_site(text: str, sentences: Sequence[RoledSentence], lexicon: Lexicon) -> Iterator[Proposal]:
    """Where the study is done: the case that is taken, else a named or anonymised place."""
    seen: set[str] = set()
    for start, end, confidence, rule in _sites(text, sentences, lexicon):
        start, end = trim(text, start, end, lexicon)
        words = text[start:end].casefold()
        if end - start < 2 or words in seen or any(words in known for known in seen):
            continue
        seen.add(words)
        yield Proposal("site", start, end, confidence, rule)
        if len(seen) == 2:
            return


def _sites(text: str, sentences: Sequence[RoledSentence], lexicon: Lexicon) -> Iterator[tuple[int, int, float, str]]:
    example = lexicon.cues("methods", "example")
    place = _place_pattern(lexicon)
    generic = lexicon.list("site", "generic")
    study = [s for s in sentences if s.role not in {"background", "gap", "other", "conclusion", "recommendation"}]
    for sentence in study:
        for match in example.finditer(text, sentence.start, min(sentence.end, sentence.start + 2000)) if example else ():
            span = slot(match)
            if span and span[1] - span[0] <= 120:
                inner = place.search(text, *span)
                if inner and lexicon.words:
                    yield span[0], span[1], 0.8, "site.example"
                elif inner:
                    yield inner.start(), inner.end(), 0.8, "site.example"
    for sentence in study:
        for match in place.finditer(text, sentence.start, min(sentence.end, sentence.start + 2000)):
            if text[match.start() : match.end()].casefold().split()[0] not in generic:
                yield match.start(), match.end(), 0.65, "site.named"
                return


@cache
def _place_pattern(lexicon: Lexicon) -> re.Pattern[str]:
    places = "|".join(sorted(map(re.escape, lexicon.list("site", "places")), key=len, reverse=True))
    if lexicon.words:
        title = r"(?:No\.\s?\d+|[A-Z][\w’'-]*)"
        named = rf"(?:\d+\s(?:{places})\s(?:of|in)\s(?:the\s)?{title}(?:\s{title}|\s(?i:{places})){{0,4}})"
        name = rf"(?:[a-z]\s(?=(?:{places})\b)|{title}\s(?:{title}\s){{0,3}}?)"
        plain = rf"(?:\b{name}(?i:{places})\b(?:\sin\s(?:{title}[\s,]*){{1,3}}(?i:{places})?)?(?:,{title})?)"
        return re.compile(rf"{named}|{plain}")
    named = "|".join(map(re.escape, lexicon.list("site", "named")))
    after = "(?<=[以对在于,，。;；、取择用合析讨论为例|])"
    return re.compile(
        rf"[A-Z]{{1,2}}[\u4e00-\u9fff]{{0,3}}?(?:{places})(?!场)"
        rf"|{after}[\u4e00-\u9fff]{{2,3}}?(?:{named})(?!场)(?:[\u4e00-\u9fff]{{1,4}}?(?:{places}))*"
    )
