"""What a chapter of a thesis is for, recognised by the words that its abstract uses about it."""

from __future__ import annotations

import re

OTHER = "other chapters"
# In the order in which chapters commonly come; each with the words that abstracts use about them.
_TOPICS = {
    "introduction": (
        r"introduc|background|significance|research status|at home and abroad|literature review"
        r"|research purpose"
        r"|绪论|导论|引言|研究背景|研究意义|国内外"
    ),
    "concepts and theory": (
        r"concept|connotation|theor(?:y|ies|etical)|definition|framework|necessity"
        r"|概念|内涵|理论|界定|必要性"
    ),
    "history and present state": (
        r"status quo|current situation|present situation|current state|history|evolution"
        r"|achievement|practice"
        r"|现状|历程|演变|成效|实践"
    ),
    "cases and evidence": (
        r"\bcases?\b|survey|questionnaire|interview|empirical|regression|sample|data|\bmodels?\b"
        r"|experiment|comparison|stories"
        r"|案例|个案|调查|问卷|访谈|实证|数据|模型|实验"
    ),
    "problems and causes": (
        r"problem|dilemma|difficult|cause|reason|trouble|insufficien|inadequa|lack|predicament"
        r"|obstacle|deficienc|not high"
        r"|问题|困境|原因|成因|不足|障碍|制约"
    ),
    "recommendations": (
        r"suggest|countermeasure|recommend|strateg|propos|puts? forward|optimi[sz]|\bpaths?\b"
        r"|measures"
        r"|对策|建议|路径|策略|优化|措施"
    ),
    "conclusion": r"\bconclusions?\b|\bsummar|outlook|prospect|limitation|结论|总结|结语|展望",
}
_PATTERNS = {name: re.compile(words, re.IGNORECASE) for name, words in _TOPICS.items()}
# Words of this topic count twice: a chapter of recommendations also names the problems and causes
# that they answer.
_WEIGHTS = {"recommendations": 2}


def topic(text: str) -> str:
    """The topic that most words in the description of a chapter belong to.

    Of two topics with as many words, it is the one that commonly comes later.
    """
    best, most = OTHER, 1
    for name, pattern in _PATTERNS.items():
        count = len(pattern.findall(text)) * _WEIGHTS.get(name, 1)
        if count >= most:
            best, most = name, count
    return best


def topics() -> tuple[str, ...]:
    """All topics, in the order in which chapters commonly come."""
    return (*_TOPICS, OTHER)
