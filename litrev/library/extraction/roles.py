"""What each sentence does: background, gap, objective, method, structure, result, recommendation,
conclusion.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from litrev.library.extraction.chapters import unit_label
from litrev.library.extraction.features import bin_of, word_features
from litrev.library.extraction.frames import mentions
from litrev.library.extraction.lexicon import Lexicon
from litrev.library.extraction.linear import Chain, judge
from litrev.library.extraction.phrases import starts_with_label
from litrev.library.extraction.sentences import RoledSentence, Sentence

LOOKED_AT = 1_500  # characters of a sentence that are searched for cues
SHOWN_AS = {"problem": "result"}  # labels that only the chain distinguishes, and their roles
HEADING = "heading"
_DIGIT = re.compile(r"\d")
_FINAL = ".。!！?？…"


class _Observed(NamedTuple):
    """A sentence, the label it opens with or is under, and where its words begin after a label."""

    sentence: Sentence
    body: int
    opens: str
    under: str

    @property
    def bare(self) -> bool:
        """Whether it is a label and nothing more."""
        return bool(self.opens) and not self.sentence.text[self.body :].strip()


def assign_roles(sentences: Sequence[Sentence], lexicon: Lexicon) -> list[RoledSentence]:
    """The role of each sentence, by its label, its cues, its words, its place and its neighbours.

    It is the role that the learned chain finds likeliest; a heading is recognised by its form.
    """
    observed = _observe(sentences, lexicon)
    features = observed_features(observed, lexicon)
    posteriors = iter(judge("roles", Chain).posteriors(features))
    roled = []
    for seen in observed:
        likely = {HEADING: 1.0} if seen.bare else next(posteriors)
        ranked = sorted(likely, key=lambda role: -likely[role])
        role = SHOWN_AS.get(ranked[0], ranked[0])
        roled.append(RoledSentence(seen.sentence, role, seen.body, bool(seen.under), likely))
    return roled


def _observe(sentences: Sequence[Sentence], lexicon: Lexicon) -> list[_Observed]:
    observed, under = list[_Observed](), ""
    for sentence in sentences:
        label = lexicon.labels.match(sentence.text)
        if label and _is_label(sentence, label.end(), lexicon):
            under = label.lastgroup or ""
            observed.append(_Observed(sentence, label.end(), under, under))
        else:
            observed.append(_Observed(sentence, 0, "", under))
    return observed


def observed_features(observed: Sequence[_Observed], lexicon: Lexicon) -> list[list[str]]:
    """The features of each sentence that is more than a label, for the chain."""
    rows = [seen for seen in observed if not seen.bare]
    named = [mentions(seen.sentence.text[seen.body :][-160:], lexicon) for seen in rows]
    return [
        [
            *_features(seen, n, len(rows), lexicon),
            *(f"names:{kind}" for kind in named[n]),
            *(f"named before:{kind}" for kind in (named[n - 1] if n else ())),
        ]
        for n, seen in enumerate(rows)
    ]


def features_of(sentences: Sequence[Sentence], lexicon: Lexicon) -> list[list[str] | None]:
    """The features of each sentence, None for a label alone: what the chain is trained on."""
    observed = _observe(sentences, lexicon)
    rows = iter(observed_features(observed, lexicon))
    return [None if seen.bare else next(rows) for seen in observed]


def _features(seen: _Observed, n: int, count: int, lexicon: Lexicon) -> list[str]:
    text = seen.sentence.text[seen.body : seen.body + LOOKED_AT]
    hits = [role for role, pattern in lexicon.roles if pattern.search(text)]
    features = [f"cue:{role}" for role in hits]
    features.append(f"first:{hits[0] if hits else '-'}")
    features.append(f"place:{bin_of(n / max(count - 1, 1), (0.01, 0.2, 0.4, 0.6, 0.8, 0.99))}")
    features.append(f"count:{bin_of(count, (2, 3, 5, 8, 12))}")
    features.append(f"long:{bin_of(len(text), (30, 60, 120, 200, 320))}")
    if n == 0:
        features.append("opening")
    if n == count - 1:
        features.append("closing")
    if text.rstrip(' |"”’)）')[-1:] not in _FINAL:
        features += [
            "unstopped",
            f"unstopped:{'closing' if n == count - 1 else 'opening' if n == 0 else 'within'}",
        ]
    if text.rstrip(" |").endswith(("?", "？")):
        features.append("question")
    if _DIGIT.search(text):
        features.append("digit")
    if "%" in text or "％" in text:
        features.append("percent")
    if unit_label(text, lexicon):
        features.append("unit")
    if starts_with_label(text):
        features.append("ordinal")
    if text[:60].casefold().startswith(lexicon.list("recommendations", "verbs")):
        features.append("measure")
    modal = lexicon.cues("recommendations", "modal")
    if modal and modal.search(text):
        features.append("modal")
    features += [f"opens:{seen.opens}"] if seen.opens else []
    features += (
        [f"under:{seen.under}", *(f"under:{seen.under}&{role}" for role in hits)]
        if seen.under
        else ["unlabelled"]
    )
    features += word_features(text, lexicon, "r:")
    return features


def _is_label(sentence: Sentence, end: int, lexicon: Lexicon) -> bool:
    """Whether punctuation, a line break or a capital separates a label from what follows."""
    label = sentence.text[:end]
    return (
        label.rstrip()[-1:] in ":：.．】]"
        or "\n" in label
        or (lexicon.words and sentence.text[end : end + 1].isupper())
    )
