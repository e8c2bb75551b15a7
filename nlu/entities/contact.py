"""How, when and whether the customer wishes to be contacted by the bank.

Values: a channel (`sms`), one that is not to be used (`no_phone`), `only_email`, `reminders_on`, `reminders_off`,
`stop` (no contact at all for a while), and hours (`18:00-`, `-09:00`, `09:00-18:00`).

A wish to be called now is none, nor is what concerns others ("stop calling my wife"): that is for a person.
"""

from __future__ import annotations

import re
from datetime import date
from typing import List, Optional, Pattern, Tuple

from nlu.entities.found import Found
from nlu.entities.numbers import CHINESE_RUN, chinese_number

_CHANNELS = {
    "phone": (r"电话|来电|通话", r"phone calls?|calls?|calling|phon(?:e|ing)|ring(?:ing)?"),
    "sms": (r"短信|短讯|短消息|简讯", r"text messages?|texts?|texting|sms"),
    "email": (r"邮件|邮箱|电邮|email", r"e-?mails?|emailing"),
    "wechat": (r"微信", r"wechat"),
    "webchat": (r"聊天窗口|在线聊天|网页聊天", r"this chat|the chat|web ?chat"),
}
_OTHERS = r"家|老[婆公板]|单位|公司|同事|朋友|父|母|爸|妈|亲戚|领导|儿子|女儿|别人|孩子|通讯录|联系人"
_OTHERS_EN = r"my (?!phone|mobile|cell|number)|our |other people|relatives|anyone"
_SAME = r"[^，。,.;；！!？?、]"

_DENY = r"(?:不要|别|不想|不用|不许|不准|停止|取消|关掉|关闭|禁止|拒绝|不接受|不接|接不了|勿)"
_DENY_AFTER = r"(?:就?(?:别|不要)[再打发用]|就?不要了|免了|就?算了|不方便|关掉|停掉|停了|接不了|不接|就?别了)"
_DENY_EN = (
    r"(?:\bno more|\bno(?= (?:phone )?calls)|\bnot(?= (?:by )?(?:phone|calls?|texts?|emails?)\b)"
    r"|(?:\bdon['’]t|\bdo not)(?! (?:get|receive|see|have|know|understand))"
    r"|\bstop|\bnever(?= (?:call|phone|ring|text|email))"
    r"|\bquit|\bwithout|instead of|rather than|turn off|\bcease)"
)
_ALONE = r"(?:只|仅|光|就)"
_PREFERENCE = re.compile(
    r"改成|改为|改用|换成|换到|以后|今后|联系我|都用|都发|请用|请走|就行|就好|就够|够了"
    r"|^(?:请|麻烦|给我|帮我|就)?[用发走](?:短信|短讯|邮件|邮箱|微信)(?:来)?(?:提醒|通知|联系|告诉)"
    r"|\b(?:remind|notify|tell) me (?:by|via|through|with)\b"
    r"|\b(?:instead|prefer|switch|contact me|reach me|get in touch|from now on|from here on|write to me)\b"
)
_SPOKEN_OF = re.compile(r"没|怎么|吗|不发|还款之?后|账单|验证码|\b(?:bill|statement|code|why|received?)\b")
_WISH = r"(?:发|用|走|通过|改成?|改为|换成?|以后都?|接受|收)"


def find(text: str, language: Optional[str], today: date) -> List[Found]:
    """The wishes in `text` (folded), each value once."""
    found: List[Found] = []
    for value, pattern in _PATTERNS:
        match = pattern.search(text)
        if match and not _about_others(text, match.start(), match.end()):
            new = Found(match.start(), match.end(), value)
            if value not in _CHANNELS or f"no_{value}" not in {each.value for each in found}:
                found.append(new)
    plain, hours = _plain(found, text), _hours(text)
    if hours and not any(each.value.removeprefix("only_") in _CHANNELS for each in plain):
        return hours  # what is denied is the other hours
    return plain + hours


def _plain(found: List[Found], text: str) -> List[Found]:
    """Without what only looks like a wish: a channel that is merely spoken of, harassment by calls as a stop of all."""
    named = [each for each in found if each.value.startswith(("no_", "only_"))]
    calls = [each for each in found if each.value.startswith("no_")]
    preferred = bool(named) or (bool(_PREFERENCE.search(text)) and not _SPOKEN_OF.search(text))
    return [
        each
        for each in found
        if (each.value not in _CHANNELS or preferred) and not (each.value == "stop" and each.overlaps(calls))
    ]


def _about_others(text: str, start: int, end: int) -> bool:
    return bool(re.search(_OTHERS, text[start : end + 4])) or bool(re.search(_OTHERS_EN, text[start : end + 12]))


def _made(pattern: str) -> Pattern[str]:
    return re.compile(pattern)


def _of_channels() -> List[Tuple[str, Pattern[str]]]:
    made: List[Tuple[str, Pattern[str]]] = []
    for name, (zh, en) in _CHANNELS.items():
        if name == "phone":
            # 打 alone is to call, but not in 打算, 打开, 打折 …
            zh_denied = (
                rf"{_DENY}{_SAME}{{0,6}}?(?:{zh})|(?:{zh}){_SAME}{{0,3}}?{_DENY_AFTER}"
                rf"|(?:别|不要|不许|不准)(?:再|老|总|天天|一直|给我|来|往)*打(?![算开折包印款钱扰分])"
            )
            zh_wished = rf"(?:{_ALONE}|以后都?|改成?|改为|换成?)(?:用|打|接受|通过)?(?:{zh})"
            en_wished = rf"(?:only (?:by )?|switch (?:me )?to )(?:{en})\b"
        else:
            zh_denied = rf"{_DENY}{_SAME}{{0,6}}?(?:{zh})|(?:{zh}){_SAME}{{0,3}}?{_DENY_AFTER}"
            zh_wished = rf"{_WISH}{_SAME}{{0,4}}?(?:{zh})|(?:{zh})(?:通知|联系|提醒|就行|就好|告诉|就够)"
            en_wished = (
                rf"(?:\bby|\bvia|\bthrough|\bto|\bon|prefer|\bsend(?: me)?|\bonly|\bjust) (?:an? |only )?(?:{en})\b"
                rf"|\b(?:{en}) (?:me|only|instead|is fine|are fine|is ok|reminders?)\b"
            )
        en_denied = rf"{_DENY_EN}[^,.;!?]{{0,18}}?\b(?:{en})\b|\b(?:{en}) (?:are not|aren't|must stop|have to stop)"
        only = (
            rf"{_ALONE}(?:能|要|接受|用|发|通过|走|收|以)*(?:{zh})|(?:{zh})就(?:行|好|够|可以)"
            rf"|\bonly (?:by |via |use |accept )?(?:{en})\b|\b(?:{en}) only\b"
        )
        made.append((f"no_{name}", _made(f"{zh_denied}|{en_denied}")))
        made.append((f"only_{name}", _made(only)))
        made.append((name, _made(f"{zh_wished}|{en_wished}")))
    return made


_NOTICE = r"(?:提醒|通知|推送)"
_PATTERNS: List[Tuple[str, Pattern[str]]] = [
    (
        "stop",
        _made(
            rf"(?:不要|别|不想|停止|不许){_SAME}{{0,3}}?(?:联系|骚扰|打扰)(?:我|了|$)|别(?:再|老)*(?:来)?烦我|先(?:不要|别)联系"
            r"|(?:\bstop|don['’]t|do not|\bnever|\bquit|\bcease)(?: ever)? (?:contact|contacting|bothering|bother) me"
            r"|leave me (?:alone|be)\b|pause all contact|no more contact|stop all contact|cease and desist"
        ),
    ),
    (
        "reminders_off",
        _made(
            rf"(?:不要|别|不用|取消|关掉|关闭|停掉|停止|停了|停|退订|不想要)(?!忘){_SAME}{{0,5}}?(?<!忘了){_NOTICE}(?!方式)"
            rf"|{_NOTICE}{_SAME}{{0,3}}?(?:停了|停掉|关掉|关了|取消|全关)"
            r"|^\W*(?:退订(?:短信|吧|了)?|td|unsubscribe)\W*$"  # the whole answer to a reminder, as it asks for
            r"|(?:\bstop|don['’]t|do not|no more|turn off|unsubscribe from|cancel|delete|quit)[^,.;!?]{0,18}?"
            r"\b(?:remind(?:ing|er|ers)?|notifications?|notif(?:y|ying)|alerts?)\b"
        ),
    ),
    (
        "reminders_on",
        _made(
            rf"(?:打开|开启|开通|设置|设个|设一个|设定|恢复|订阅|加个){_SAME}{{0,6}}?{_NOTICE}|{_NOTICE}{_SAME}{{0,3}}?打开"
            r"|(?:到期|还款日)前?[^，。]{0,6}提醒(?:我|一下)"
            r"|\bset (?:up )?(?:an? )?(?:payment )?(?:reminders?|alerts?)|turn (?:my |the )?(?:on )?(?:sms |payment )?"
            r"(?:reminders|alerts|notifications) (?:back )?on|turn on [^,.;]{0,15}(?:reminders|alerts|notifications)"
            r"|(?:reminders|alerts) back on|^(?:please |can you |could you |would you )?remind me\b"
        ),
    ),
    *_of_channels(),
]

_CLOCK = r"(?P<{0}part>早上|上午|早晨|中午|下午|晚上|傍晚|晚)?(?P<{0}hour>\d{{1,2}}|{1})(?:点|时|:00)(?P<{0}half>半)?"
_CLOCK_EN = r"(?P<{0}hour>\d{{1,2}})(?::00|:(?P<{0}half>30))? ?(?P<{0}part>am|pm|a\.m\.|p\.m\.)?"
_ABOUT = re.compile(r"联系|通知|提醒|打|发|\b(?:contact|call|text|notice|notices|message|reach|remind|write|ring)")
_RANGES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_CLOCK.format('a', CHINESE_RUN)}(?:到|至|-|~){_CLOCK.format('b', CHINESE_RUN)}",
        rf"\b(?:between|from) {_CLOCK_EN.format('a')} (?:and|to|until|till) {_CLOCK_EN.format('b')}(?!\d)",
    )
)
_FROM = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_CLOCK.format('a', CHINESE_RUN)}(?:以后|之后|过后|后)",
        rf"\bafter {_CLOCK_EN.format('a')}(?!\d)",
    )
)
_UNTIL = tuple(
    re.compile(pattern)
    for pattern in (rf"{_CLOCK.format('a', CHINESE_RUN)}(?:以前|之前|前)", rf"\bbefore {_CLOCK_EN.format('a')}(?!\d)")
)
_DENIED = re.compile(r"别|不要|不想|勿|\bno\b|\bnot\b|n['’]t\b|\bnever\b")


def _hours(text: str) -> List[Found]:
    """Hours that are wished; what is denied before, or after, an hour leaves the rest of the day."""
    if not _ABOUT.search(text):
        return []
    for pattern in _RANGES:
        match = pattern.search(text)
        if match and not _DENIED.search(text):
            start, end = _clock(match, "a"), _clock(match, "b")
            return [Found(*match.span(), f"{start}-{end}")] if start and end and start < end else []
    for patterns, template, denied in ((_FROM, "{0}-", "-{0}"), (_UNTIL, "-{0}", "{0}-")):
        for pattern in patterns:
            match = pattern.search(text)
            hour = _clock(match, "a") if match else None
            if match and hour:
                around = _clause(text, match.start(), match.end())
                return [Found(*match.span(), (denied if _DENIED.search(around) else template).format(hour))]
    return []


def _clause(text: str, start: int, end: int) -> str:
    """From the mark before `start` to the one after `end`."""
    before = max(text.rfind(mark, 0, start) for mark in "，。,;；") + 1
    after = min((at for at in (text.find(mark, end) for mark in "，。,;；") if at >= 0), default=len(text))
    return text[before:after]


def _clock(match: "re.Match[str]", which: str) -> Optional[str]:
    """`HH:MM`, or `None` if it is no hour of a day."""
    written, part = match[f"{which}hour"], match[f"{which}part"] or ""
    number = int(written) if written.isdecimal() else int(chinese_number(written) or -1)
    afternoon = part in ("下午", "晚上", "傍晚", "晚", "pm", "p.m.") and number < 12
    if afternoon or (part == "中午" and number < 11):
        number += 12
    return f"{number:02}:{'30' if match[f'{which}half'] else '00'}" if 0 <= number <= 23 else None
