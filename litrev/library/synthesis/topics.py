"""What a chapter of a thesis is there for, told by the words its abstract uses of it."""

from __future__ import annotations

import re

OTHER = "other chapters"
# In the order in which chapters commonly come; each with what is said of such a chapter.
_TOPICS = {
    "introduction": (
        r"introduc|background|significance|research status|at home and abroad|literature review|research purpose"
        r"|绪论|导论|引言|研究背景|研究意义|国内外"
    ),
    "concepts and theory": r"concept|connotation|theor(?:y|ies|etical)|definition|framework|necessity|概念|内涵|理论|界定|必要性",
    "history and present state": (
        r"status quo|current situation|present situation|current state|history|evolution|achievement|practice"
        r"|现状|历程|演变|成效|实践"
    ),
    "cases and evidence": (
        r"\bcases?\b|survey|questionnaire|interview|empirical|regression|sample|data|\bmodels?\b|experiment|comparison|stories"
        r"|案例|个案|调查|问卷|访谈|实证|数据|模型|实验"
    ),
    "problems and causes": (
        r"problem|dilemma|difficult|cause|reason|trouble|insufficien|inadequa|lack|predicament|obstacle|deficienc|not high"
        r"|问题|困境|原因|成因|不足|障碍|制约"
    ),
    "recommendations": (
        r"suggest|countermeasure|recommend|strateg|propos|puts? forward|optimi[sz]|\bpaths?\b|measures"
        r"|对策|建议|路径|策略|优化|措施"
    ),
    "conclusion": r"\bconclusions?\b|\bsummar|outlook|prospect|limitation|结论|总结|结语|展望",
}
_DECIDING = frozenset(
    {"recommendations"}
)  # what such a chapter answers is named in the same breath


def topic(text: str) -> str:
    """The topic most of whose words stand in what is said of a chapter; the later one where two
    have as many.
    """
    counts = {
        name: len(pattern.findall(text)) * (2 if name in _DECIDING else 1)
        for name, pattern in _PATTERNS.items()
    }
    most = max(counts.values())
    return [name for name, count in counts.items() if count == most][-1] if most else OTHER


def topics() -> tuple[str, ...]:
    """All topics, in the order in which chapters commonly come."""
    return (*_TOPICS, OTHER)


_PATTERNS = {name: re.compile(words, re.IGNORECASE) for name, words in _TOPICS.items()}
