"""Han characters in Latin letters, for citation keys: pinyin by the extra ``cjk``, with the special
readings of surnames.
"""

from __future__ import annotations

from functools import cache
from typing import Any

# Surnames that are not read as the character alone is (Xiandai Hanyu Cidian, sixth edition).
SURNAMES = {
    "单": "shan", "單": "shan", "曾": "zeng", "仇": "qiu", "解": "xie", "查": "zha",
    "盖": "ge", "蓋": "ge", "区": "ou", "區": "ou", "翟": "zhai", "乐": "yue", "樂": "yue",
    "覃": "qin", "朴": "piao", "任": "ren", "缪": "miao", "繆": "miao", "祭": "zhai",
    "种": "chong", "员": "yun", "員": "yun", "贠": "yun", "折": "she", "黑": "he", "繁": "po",
    "冼": "xian", "洗": "xian", "秘": "bi", "召": "shao", "句": "gou", "阚": "kan",
    "闞": "kan", "过": "guo", "過": "guo", "华": "hua", "華": "hua", "纪": "ji", "紀": "ji",
    "宁": "ning", "寧": "ning", "能": "nai", "逄": "pang", "薄": "bo", "撒": "sa", "燕": "yan",
    "应": "ying", "應": "ying", "都": "du", "宿": "su", "尉": "wei", "隗": "wei",
    "晟": "cheng", "车": "che", "車": "che", "重": "chong", "翁": "weng", "石": "shi",
    "沈": "shen", "叶": "ye", "葉": "ye", "令狐": "linghu", "尉迟": "yuchi", "尉遲": "yuchi",
    "万俟": "moqi", "萬俟": "moqi", "长孙": "zhangsun", "長孫": "zhangsun", "单于": "chanyu",
    "單于": "chanyu", "澹台": "tantai", "呼延": "huyan",
}  # fmt: skip


def can_romanise() -> bool:
    """Whether the extra ``cjk`` is installed."""
    return _pinyin() is not None


def romanised(text: str, *, surname: bool = False) -> str:
    """``text`` in pinyin, in small letters without tones or spaces: 党建 is ``dangjian``.

    With ``surname``, a surname is read as one: 曾 is ``zeng`` and not ``ceng``. What has no pinyin
    stays, and so does the whole text where the extra ``cjk`` is not installed.
    """
    pinyin = _pinyin()
    if pinyin is None:
        return text
    if surname and text in SURNAMES:
        return SURNAMES[text]
    return "".join(pinyin(text)).casefold()


@cache
def _pinyin() -> Any:
    """The function that reads Chinese; None without the extra ``cjk``."""
    try:
        from pypinyin import lazy_pinyin
    except ImportError:
        return None
    return lazy_pinyin
