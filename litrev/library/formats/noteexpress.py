"""NoteExpress files, as CNKI and Wanfang export them: ``{Reference Type}: Thesis``."""

from __future__ import annotations

import re

from litrev.library.formats.endnote import TYPES
from litrev.library.formats.format import Format
from litrev.library.formats.tagged import Grammar, TaggedEntry, confidence, lines_of, unwrapped
from litrev.library.formats.tagged import read as read_tagged
from litrev.library.formats.work_builder import CONTAINER, PUBLISHER, WorkBuilder, number_field
from litrev.library.model.source import Reading, Text

_GRAMMAR = Grammar(
    re.compile(r"[ \t]*\{([^{}\r\n]{1,60})\}[ \t]*[:：][ \t]*(.*)"),
    frozenset({"Reference Type", "文献类型", "题录类型"}),
)
# What CNKI, Wanfang and NoteExpress itself write, in English and in Chinese.
_FIELDS = {
    "title": "title", "标题": "title", "题名": "title", "journal": CONTAINER, "期刊": CONTAINER,
    "刊名": CONTAINER, "secondary title": CONTAINER, "media": CONTAINER, "报纸": CONTAINER,
    "volume": "volume", "卷": "volume", "issue": "number", "期": "number", "pages": "pages",
    "页码": "pages", "publisher": PUBLISHER, "出版者": PUBLISHER, "学位授予单位": PUBLISHER,
    "place published": "address", "出版地": "address", "type of work": "type", "学位": "type",
    "abstract": "abstract", "摘要": "abstract", "url": "url", "链接地址": "url", "doi": "doi",
    "database provider": "database-provider", "数据库": "database-provider",
    "author address": "affiliation", "作者地址": "affiliation", "作者单位": "affiliation",
    "notes": "note", "备注": "note", "edition": "edition", "版本": "edition",
    "language": "language", "语言": "language", "number of volumes": "volumes",
    "number of pages": "pagetotal", "short title": "shorttitle", "accession number": "accession",
    "call number": "call-number", "translated title": "translated-title", "series title": "series",
    "tertiary title": "series", "subject": "subject", "专业": "subject",
}  # fmt: skip
_NAMES = {
    "author": "author", "作者": "author", "secondary author": "editor", "编者": "editor",
    "tertiary author": "@third", "导师": "advisor", "subsidiary author": "translator",
    "译者": "translator",
}  # fmt: skip
_DATES = {"year", "年", "年份", "date", "日期", "出版年"}
_TYPES = {
    **TYPES, "newspaper": "article", "conference proceeding": "inproceedings", "期刊": "article",
    "期刊文章": "article", "学位论文": "thesis", "会议论文": "inproceedings",
    "会议论文集": "inproceedings", "图书": "book", "专利": "patent", "标准": "standard",
    "报纸": "article", "报纸文章": "article", "电子公告": "online", "报告": "techreport",
}  # fmt: skip


def read(text: Text) -> Reading:
    """The records of the file; keys that have no BibTeX field are kept under their own names."""
    return read_tagged(text, _GRAMMAR, _builder)


def _builder(entry: TaggedEntry) -> WorkBuilder:
    pairs = [
        (tag.strip().casefold(), tag, unwrapped(value.replace("\r", "\n")))
        for tag, value in entry.pairs
    ]
    kind = next((text for _, tag, text in pairs if tag in _GRAMMAR.begins), "")
    builder = WorkBuilder(_TYPES.get(kind.casefold(), "misc"))
    if kind and kind.casefold() not in _TYPES:
        builder.add("howpublished", kind)
    for name, tag, text in pairs:
        if name in _DATES:
            builder.date(text)
        elif name in _NAMES:
            builder.names(
                _NAMES[name]
                if _NAMES[name] != "@third"
                else "advisor"
                if builder.entry_type == "thesis"
                else "serieseditor",
                text,
                given_first=True,
            )
        elif name in {"keywords", "关键词", "关键字"}:
            builder.keywords(text)
        elif name in {"isbn/issn", "issn", "isbn"}:
            builder.add(number_field(text), text)
        elif tag not in _GRAMMAR.begins:
            builder.add(
                _FIELDS.get(
                    name, f"noteexpress-{re.sub(r'[^a-z0-9]+', '-', name).strip('-') or tag}"
                ),
                text,
            )
    if builder.entry_type == "thesis" and not builder.get(
        PUBLISHER
    ):  # some exports put the university there
        builder.add(PUBLISHER, builder.get("affiliation"))
    return builder


def _recognises(text: Text) -> float:
    names = {
        match.group(1)
        for _, line in lines_of(text.text[:20_000])
        if (match := _GRAMMAR.tag.match(line))
    }
    return confidence(text, _GRAMMAR, names - _GRAMMAR.begins)


FORMAT = Format("noteexpress", (".net", ".ne"), _recognises, read)
