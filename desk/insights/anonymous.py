"""Takes out of a sentence who wrote it: what is left may be read by who labels training data.

Numbers of cards, phones and identities go wholly, and so does every other number of six digits or more, for it is
hardly ever an amount. Names are found where they stand in the usual forms: 我叫…, 王女士, "my name is …", "Mr …".
Whoever labels should still read with care: a name by itself looks like any other word.
"""

from __future__ import annotations

import re
from typing import List, Pattern, Tuple

from common.masking import mask_numbers

_NUMBER = "[number]"
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_LINK = re.compile(r"https?://\S+")
_MASKED = re.compile(r"\*{4}[\dXx]{0,4}")
_DATE = r"(?:19|20)\d\d([-/.])\d{1,2}\2\d{1,2}(?!\d)"
_LONG_NUMBER = re.compile(rf"({_DATE})|(?<![\d.])\d(?:[\s\-‐-―－]?\d){{5,}}[Xx]?(?!\d)")
_ACCOUNT = re.compile(r"(?i)\b(?:wx|wechat|qq|微信号?|QQ号?)\s*(?:is|id|:|：|是)?\s*([A-Za-z][\w-]{4,})")

# The hundred commonest family names (public security's list of 2020) and the commonest of two characters.
_FAMILY = (
    "欧阳|司马|上官|诸葛|东方|皇甫|令狐|"
    "[王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金"
    "石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤]"
)
_TITLE = "先生|女士|小姐|太太|经理|老师|师傅|同志|阿姨|叔叔"
_ZH: List[Tuple[Pattern[str], str]] = [
    (
        re.compile(
            rf"((?:我叫|我的名字(?:是|叫)?|名字(?:是|叫)|姓名(?:是|为)?|户名(?:是|为)?|本人|叫做)\s*[:：]?\s*)(?:{_FAMILY})[一-鿿]{{1,2}}"
        ),
        r"\1某某",
    ),
    (re.compile(rf"(我是\s*)(?:{_FAMILY})[一-鿿]{{1,2}}(?=[,，.。!！?？；;\s]|$)"), r"\1某某"),
    (re.compile(rf"(我姓)(?:{_FAMILY})"), r"\1某"),
    (re.compile(rf"(?:{_FAMILY})[一-鿿]{{0,2}}(?=(?:{_TITLE}))"), "某"),
]
_WORD = r"[A-Z][A-Za-z'’-]+"
_EN: List[Tuple[Pattern[str], str]] = [
    (re.compile(r"(\b(?i:my name(?:'s| is)|name:)\s+)[A-Za-z'’-]+(?:\s+[A-Z][A-Za-z'’-]+){0,3}"), r"\1[name]"),
    (re.compile(rf"(\b(?i:this is|i am|i'm|it's|called)\s+){_WORD}(?:\s+{_WORD}){{0,3}}"), r"\1[name]"),
    (re.compile(rf"(\b(?i:mrs?|ms|miss|dr)\b\.?\s+){_WORD}(?:\s+{_WORD}){{0,2}}"), r"\1[name]"),
]


def anonymous(text: str) -> str:
    """`text` in one line without numbers, addresses and names by which somebody could be found."""
    text = _MAIL.sub("[mail]", _LINK.sub("[link]", " ".join(text.split())))
    text = _MASKED.sub(_NUMBER, mask_numbers(text))
    text = _LONG_NUMBER.sub(lambda match: match[1] or _NUMBER, text)
    text = _ACCOUNT.sub(lambda match: match[0].replace(match[1], "[account]"), text)
    for pattern, replacement in (*_ZH, *_EN):
        text = pattern.sub(replacement, text)
    return text
