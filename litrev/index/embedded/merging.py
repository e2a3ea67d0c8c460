"""Merging several segments into one, without their deleted documents."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

from litrev.index.embedded import layout
from litrev.index.embedded.codec_w3 import Postings, Term
from litrev.index.embedded.codec_w3_writer import PostingsWriter, length_table
from litrev.index.embedded.segment import Segment
from litrev.index.embedded.segment_builder import Columns, Stems, forms_of, write_segment


class _Source(NamedTuple):
    """A segment to be merged.

    ``new_numbers`` has the number each living document gets in the merged segment, by its number
    here. Deleted documents are not in it.
    """

    segment: Segment
    new_numbers: Mapping[int, int]


def merge(folder: Path, segments: Sequence[Segment]) -> dict[str, Any]:
    """Write one segment with the living documents of several; returns its entry in a manifest.

    Documents keep their order. The old segments stay as they are; the caller removes their files.
    Raises Malformed when a file of theirs is not what it should be.
    """
    sources = _renumbered(segments)
    name = layout.new_name()
    with (
        (folder / f"{name}.trm").open("wb") as terms_file,
        (folder / f"{name}.pst").open("wb") as postings_file,
    ):
        writer = PostingsWriter(terms_file, postings_file)
        words = _write_terms(writer, sources)
        terms = writer.finish()
    texts = map(bytes.decode, words)
    return write_segment(
        folder, name, terms, columns=_columns(sources), words=words, forms=forms_of(texts, Stems())
    )


def _renumbered(segments: Sequence[Segment]) -> list[_Source]:
    """The segments, their living documents numbered one after the other."""
    sources = list[_Source]()
    following = 0
    for segment in segments:
        numbers = range(segment.count)
        living = [number for number in numbers if number not in segment.deleted]
        new_numbers = {number: new for new, number in enumerate(living, following)}
        sources.append(_Source(segment, new_numbers))
        following += len(living)
    return sources


def _columns(sources: Sequence[_Source]) -> Columns:
    """The columns of all living documents, in the order of their new numbers."""
    columns = Columns([], [], [])
    table = length_table()
    for segment, living in sources:
        columns.ids.extend(segment.identity(number).encode() for number in living)
        columns.years.extend(segment.years[number] for number in living)
        columns.lengths.extend(table[segment.lengths[number]] for number in living)
    return columns


def _write_terms(writer: PostingsWriter, sources: Sequence[_Source]) -> list[bytes]:
    """Write the terms of all fields; returns the words as they are written, in order."""
    words = list[bytes]()
    common = list[tuple[bytes, Postings]]()
    for field in _fields(sources):
        writer.start_field(field)
        for word, postings in _merged_terms(field, sources):
            writer.add(word, *postings)
            if field == layout.SURFACE:
                words.append(word)
            elif field == layout.CONTENT and len(postings.documents) > layout.MANY:
                common.append((word, postings))
    # Which words are common is only known now. A terms file must ascend by the number of the field,
    # which is given when a field is started, so this one comes last.
    writer.start_field(layout.COMMON)
    for word, (documents, weights, _) in common:
        writer.add(word, documents, weights)
    return words


def _fields(sources: Iterable[_Source]) -> list[str]:
    """The fields to be merged, in the order of their numbers; COMMON is made anew."""
    fields: dict[str, None] = {}
    for source in sources:
        fields.update(dict.fromkeys(source.segment.terms.fields))
    return [field for field in fields if field != layout.COMMON]


def _merged_terms(field: str, sources: Sequence[_Source]) -> Iterator[tuple[bytes, Postings]]:
    """The terms of a field that have a living document, in order, with their postings."""
    streams = [_terms(number, source, field) for number, source in enumerate(sources)]
    merged = heapq.merge(*streams)
    for word, group in groupby(merged, key=itemgetter(0)):
        # Within a word the merge sorts by the number of the segment, so documents stay in order.
        parts = [(sources[number], term) for _, number, term in group]
        postings = _merged_postings(parts)
        if postings.documents:
            yield word, postings


def _terms(number: int, source: _Source, field: str) -> list[tuple[bytes, int, Term]]:
    """All terms of a field in one segment, in order; ``number`` is that of the segment."""
    terms = source.segment.terms.starting(field, b"")
    return [(word, number, term) for word, term in terms]


def _merged_postings(parts: Iterable[tuple[_Source, Term]]) -> Postings:
    """The postings of one term in several segments, without deleted documents."""
    documents = list[int]()
    weights = list[int]()
    values = list[bytes]()
    # A comprehension for each column: this goes over every posting of the merged segments.
    for (segment, new_numbers), term in parts:
        postings = segment.postings(term)
        numbers = postings.documents
        kept = [k for k, number in enumerate(numbers) if number in new_numbers]
        documents += [new_numbers[numbers[k]] for k in kept]
        if postings.weights:
            weights += [postings.weights[k] for k in kept]
        else:
            weights += [1] * len(kept)
        if postings.values:
            values += [postings.values[k] for k in kept]
    return Postings(documents, weights, values)
