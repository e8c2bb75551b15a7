"""What a customer can pay and when: so much a month, "that is too much a month", "not before payday".

- `monthly`: a sum that the customer can pay each month, in yuan ("我每月最多还800", "I can pay 800 a month");
- `burden`: `too_much`, where an instalment is called too high or a longer term is wished for;
- `payday`: the day before which there is no money, or `unknown` ("要等10号发工资").
"""

from __future__ import annotations

import re
from typing import List, Sequence, Tuple

from nlu.entities.found import Found

TOO_MUCH = "too_much"
UNKNOWN_DAY = "unknown"

_MONTH = r"(?:每个?月|一个?月|月月|每一?期|一期|月供)"
_ABLE = (
    r"(?:我|能不能|能|只|最多|顶多|至多|最|多|少|可以|可|还款|还|付|拿|出|交|掏|负担|承受|控制|在|大概|大约|左右|不超过|不能超过|就"
    r"|差不多|得|起|挤|才|给|也|凑|来|存|下|上限|的话|预算|是|为|够|有|个|钱|想|希望|打算|愿意|按|款|[，,：: ])"
)
_A_MONTH = r"(?:(?:a|per|each|every) ?month|/ ?mo(?:nth)?|p\.?m\.?|monthly)\b"
_CAN_PAY = (
    r"\b(?:pay|repay|afford|manage|spare|do|budget|up to|at most|max|maximum|limit|only|about|around"
    r"|can|could|put|put aside|set aside|give|more than|just|with|of|budget is|limit is|be|for"
    r"|keep it (?:at|under|below)|under|below)\s*$"
)
_MONTH_FIRST = re.compile(rf"{_MONTH}{_ABLE}{{0,9}}$|\b{_A_MONTH}[a-z' ]{{0,28}}$")
_MONTH_AFTER_CHINESE = re.compile(rf"\s*(?:以内|以下|之内|左右|上下)?\s*(?:{_MONTH}|/ ?月)")
_MONTH_AFTER_ENGLISH = re.compile(rf"\s*(?:yuan|rmb|cny|kuai)?\s*(?:or (?:so|less) )?{_A_MONTH}")
_CAN_PAY_BEFORE = re.compile(_CAN_PAY)
# What is earned, charged or demanded is not what can be paid.
_NOT_ABILITY = re.compile(
    r"(?:收入|工资|薪[水资]|底薪|赚|挣|利息|房租|租金|房贷|车贷|生活费|额度|要还|要交|要付|得还|违约金|还不起|还不了|付不起|拿不出)[^，。,.]{0,6}$"
    r"|\b(?:earn|make|salary|income|wages?|rent|mortgage|interest|fees?|charged?|charges|lim?it is|have to pay|must pay"
    r"|(?:can't|cannot|can not|couldn't|not able to|unable to)(?: even)? (?:pay|afford|manage|do))\b[a-z' ]{0,16}$"
)
_TOO_MUCH_AFTER = re.compile(
    r"[元块钱 ]*(?:也|都|还是|有点|实在|真)*(?:太|还不起|付不起|拿不出|不行|吃力|多了|高了)|[a-z ]{0,12}\bis too\b"
)

_HEAVY = (
    r"(?:太多|太高|太贵|太大|太重|有点[多高贵重]|还不起|付不起|交不起|受不了|压力(?:太|很|好|有点)?大|扛不住|吃不消|吃力|承受不|负担不"
    r"|负担太|拿不出|还不了(?:这么|那么)多)"
)
_TOO = (
    r"(?:too (?:much|high|expensive|steep|big|heavy)|more than i can|(?:can't|cannot|can not) (?:afford|pay|manage|do)"
    r"|beyond (?:my means|what i can)|not affordable|unaffordable)"
)
_INSTALMENT = rf"(?:{_A_MONTH}|instal?lments?\b|\bemi\b)"
_BURDEN = re.compile(
    rf"{_MONTH}.{{0,10}}{_HEAVY}|{_HEAVY}.{{0,4}}{_MONTH}"
    rf"|{_TOO}.{{0,30}}{_INSTALMENT}|{_INSTALMENT}.{{0,20}}{_TOO}"
    rf"|\b(?:is|are|'s) (?:quite |rather |still )?a lot (?:each|every|a|per) (?:time|month)\b"
    # A longer term, smaller instalments.
    r"|(?:期数?|时间)(?:能不能|可不可以|可以|能)?(?:再|更)?(?:长|多|久)一?[点些]|(?:再|更)(?:长|多)一?点?的?期"
    rf"|{_MONTH}(?:能不能|可不可以|可以|能|还)*(?:再|更)?(?:少|低)(?:还|交|付)?一?[点些]"
    r"|\b(?:longer (?:term|plan|period|time)|more (?:months|instal?lments|terms)|(?:lower|smaller|less|cheaper)"
    rf" (?:{_INSTALMENT}|payments?\b))"
)
_END = r"[了啊呀吧吗呢哦 ,.!?。，！？~诶欸哎]*"
_LESS = r"(?:再|可以)?(?:少|低|便宜)一?[点些](?:行吗|可以吗|吧)?"
_BARE_BURDEN = re.compile(
    r"(?:这|那|还是|感觉|觉得|我|也|都|有点|实在|真的|[，, ])*(?:太多|太高|太贵|多了点|高了点|贵了点|有点[多高贵]"
    rf"|还不起|付不起|能不能(?:再)?(?:少|低|便宜)一?[点些]|{_LESS}){_END}(?:{_LESS}{_END})?"
    r"|(?:it'?s|that'?s|that is|it is|this is|sorry|no|still|way|a bit|[, ])*(?:too (?:much|high|expensive|steep)"
    r"|(?:i )?(?:can't|cannot) afford (?:it|that|this)|more than i can (?:pay|afford|manage))"
    r"[ ,.!?]*(?:for me)?[ ,.!?]*"
)
_ABOUT_SOMETHING_ELSE = re.compile(
    r"利息|罚息|违约金|滞纳金|手续费|利率|电话|短信|骚扰|催收|\b(?:interest|fees?|charges?|rate|calls?|texts?|messages?|sms|phone)\b"
)

_PAID_WORK = (
    r"(?:发(?:了|完)?(?:工资|薪水?|钱|奖金|饷)|开(?:了)?(?:工资|支)|领(?:了|到)?工资|工资(?:到|下来|发)"
    r"|\b(?:pay ?day|salary|wages?|pay ?(?:check|cheque)|i(?:'m| am| get) paid)\b)"
)
_ONLY_THEN = re.compile(
    rf"{_PAID_WORK}.{{0,12}}(?:以后|之后|后|才|再)|(?:才|等|要到|得到|要等).{{0,10}}{_PAID_WORK}"
    rf"|\b(?:not before|not until|only (?:on|after|when)|until|wait for|after|once|when)\b.{{0,24}}{_PAID_WORK}"
)
_NOT_BEFORE = re.compile(
    r"才(?:发(?![现货短信消展生布票])|到账|有钱|有进账|能拿到钱|结款|结账)"
)  # where a day is named


def find(text: str, amounts: Sequence[Found], days: Sequence[Found]) -> List[Tuple[str, Found]]:
    """(entity, found) for what `text` (folded) says of it; `amounts` and `days` are the sums and days it names."""
    monthly = [each for each in amounts if each.value[0].isdigit() and _is_ability(text, each)]
    if monthly:
        return [("monthly", each) for each in monthly[-1:]]
    heavy = _BARE_BURDEN.fullmatch(text.strip()) or _BURDEN.search(text)
    if heavy and not _ABOUT_SOMETHING_ELSE.search(text):
        return [("burden", Found(0, len(text), TOO_MUCH))]
    waits = _ONLY_THEN.search(text) or (days and not _ABOUT_SOMETHING_ELSE.search(text) and _NOT_BEFORE.search(text))
    if waits:
        named = days[0].value if days else UNKNOWN_DAY
        return [("payday", Found(*waits.span(), named))]
    return []


def _is_ability(text: str, amount: Found) -> bool:
    before, after = text[: amount.start], text[amount.end :]
    if _NOT_ABILITY.search(before) or _TOO_MUCH_AFTER.match(after):
        return False
    if _MONTH_FIRST.search(before) or _MONTH_AFTER_CHINESE.match(after):
        return True
    english = _MONTH_AFTER_ENGLISH.match(after)
    return bool(english) and (not before.strip() or _CAN_PAY_BEFORE.search(before) is not None)
