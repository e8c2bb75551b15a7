"""What the scripted assistant answers: every kind of message that the widget can show, in both languages."""

from __future__ import annotations

import json
import uuid
from typing import Any, Dict, List

Answer = Dict[str, Any]


def answers(text: str, language: str, metadata: Dict[str, Any]) -> List[Answer]:
    """The answers to a message. `after` is a pause before an answer, seconds."""
    says = _ENGLISH if language == "en" else _CHINESE
    if text == "who":
        return [{"text": json.dumps(metadata)}]
    if text.startswith("echo "):
        return [{"text": text[5:]}]
    if text == "slow":
        return [{"text": "late", "after": 3}]
    if text in _FROM_PEOPLE:
        return [json.loads(json.dumps({**_FROM_PEOPLE[text], "message_id": uuid.uuid4().hex}))]
    if text == "fail":
        raise ValueError("this turn fails")
    return [json.loads(json.dumps(answer)) for answer in says.get(text, says["?"])]


_LIN = {"agent": {"id": 7, "name": "林"}}
#: What an agent sends, and how the talk with one ends.
_FROM_PEOPLE: Dict[str, Answer] = {
    "agent": {**_LIN, "text": "您好，我在看您的账单，一分钟就好。"},
    "file": {
        **_LIN,
        "text": "发给您一份文件：还款计划.pdf",
        "custom": {
            "link": {
                "title": "下载文件",
                "action": "download",
                "url": "https://elsewhere.example/webhooks/webchat/desk/files/f-1",
                "file": "还款计划.pdf",
            }
        },
    },
    "closed": {
        "text": "这次人工服务结束了，谢谢您。还有问题可以继续问我。",
        "custom": {"rating": "offered"},
        "buttons": [{"title": "找人工", "payload": "/request_human"}],
    },
    "helped": {"text": "方便的话，给这次的帮助打个分吧，不打也没关系。", "custom": {"rating": "assistant"}},
    "waiting": {
        "text": "好的，正在为您接人工，您排在第 2 位。",
        "buttons": [
            {"title": "现在要还多少", "payload": "/ask_amount_due"},
            {"title": "继续用助手", "payload": "/back_to_bot"},
        ],
    },
}


def _buttons(*pairs: str) -> List[Dict[str, str]]:
    return [{"title": title, "payload": payload} for title, payload in zip(pairs[::2], pairs[1::2], strict=True)]


_SCHEDULE = [[f"{n}", f"12月{n}日" if n > 9 else f"1月{n}日", "¥1,033.33", "¥7.44", "¥1,040.77"] for n in range(1, 13)]

_WAYS: Answer = {
    "text": "尾号 1234 现在一共欠 ¥7,714.55。能全部还清最划算。",
    "custom": {
        "card": {
            "title": "还款办法比较",
            "options": [
                {
                    "title": "今天全部还清",
                    "value": "¥7,714.55",
                    "badge": "推荐",
                    "rows": [{"label": "明天起的利息", "value": "不再产生"}],
                },
                {
                    "title": "账单分期",
                    "value": "最多 24 期",
                    "note": "每期最少 ¥356.00",
                    "badge": "",
                    "rows": [{"label": "12期，每期 ¥670.00", "value": "¥8,040.00", "note": "年化利率 13.03%"}],
                },
            ],
            "chart": {
                "title": "往后还欠多少",
                "summary": "折线图：今天欠 ¥7,714.55。",
                "top": "今天 ¥7,714.55",
                "today": "今天",
                "lines": [
                    {
                        "name": "先不还",
                        "style": "nothing",
                        "points": [{"on": "2026-11-22", "owed": "7714.55"}, {"on": "2027-05-22", "owed": "9800.10"}],
                        "payments": [],
                    },
                    {
                        "name": "分 12 期",
                        "style": "instalment",
                        "points": [{"on": "2026-11-22", "owed": "8040.00"}],
                        "payments": [{"on": "2026-12-16", "pays": "670.00"}, {"on": "2027-01-16", "pays": "670.00"}],
                    },
                ],
                "ticks": [
                    {"on": "2026-12-22", "label": "12月22日 周二"},
                    {"on": "2027-05-22", "label": "2027年5月22日"},
                ],
                "details": {
                    "summary": "图里的数字",
                    "table": {
                        "columns": [{"label": "办法"}, {"label": "哪天"}, {"label": "多少", "align": "end"}],
                        "rows": [["分 12 期", "12月16日 周三", "要还 ¥670.00"]],
                    },
                },
            },
        }
    },
}

_CHINESE: Dict[str, List[Answer]] = {
    "ways": [_WAYS],
    "/greet": [
        {
            "text": "您好，我是还款助手。账单、利息、分期、延期，都可以问我。",
            "buttons": _buttons(
                "我逾期了怎么办", "/overdue_help", "现在要还多少", "/ask_amount_due", "登录", "/sign_in"
            ),
        }
    ],
    "read": [
        {
            "text": "请看清楚再决定。",
            "buttons": [
                {"title": "确认提交", "payload": "/affirm", "after": "3"},
                {"title": "不提交", "payload": "/deny", "after": "0"},
            ],
        }
    ],
    "/overdue_help": [
        {"text": "先别着急，我们一起看看。这张卡逾期 5 天，还清最低还款额就不再算逾期。"},
        {
            "custom": {
                "card": {
                    "title": "示范信用卡",
                    "subtitle": "尾号 1234 · 已逾期 5 天",
                    "figure": {"label": "现在要还", "value": "¥12,480.66", "note": "截至11月21日 周六"},
                    "rows": [
                        {"label": "本金", "value": "¥12,000.00"},
                        {"label": "利息", "value": "¥420.66", "note": "每天 0.05%，年化 18.25%"},
                        {"label": "违约金", "value": "¥60.00"},
                        {"label": "合计", "value": "¥12,480.66", "strong": True},
                    ],
                    "details": [
                        {
                            "summary": "利息怎么来的",
                            "rows": [
                                {"label": "10月25日 – 11月21日，28 天", "value": "¥168.00"},
                                {"label": "9月27日 – 10月24日，28 天", "value": "¥252.66"},
                            ],
                        }
                    ],
                    "note": "金额来自银行，还款入账后会变。",
                }
            }
        },
        {
            "text": "有这几种办法，您想了解哪一种？",
            "buttons": _buttons("分期还", "/request_instalment", "晚点还", "/request_deferral", "找人工客服", "/human"),
        },
    ],
    "/request_instalment": [
        {
            "text": "可以分成这几种，费用都列在下面。",
            "custom": {
                "card": {
                    "title": "账单分期",
                    "table": {
                        "columns": [
                            {"label": "期数"},
                            {"label": "每期", "align": "end"},
                            {"label": "总利息", "align": "end"},
                            {"label": "年化", "align": "end"},
                        ],
                        "rows": [
                            ["3 期", "¥4,191.00", "¥173.00", "8.31%"],
                            ["6 期", "¥2,130.50", "¥303.00", "8.62%"],
                            ["12 期", "¥1,080.05", "¥560.60", "9.02%"],
                        ],
                    },
                    "details": [
                        {
                            "summary": "12 期的还款计划",
                            "table": {
                                "columns": [
                                    {"label": "期"},
                                    {"label": "还款日"},
                                    {"label": "本金", "align": "end"},
                                    {"label": "利息", "align": "end"},
                                    {"label": "合计", "align": "end"},
                                ],
                                "rows": _SCHEDULE,
                            },
                        }
                    ],
                    "note": "除此之外不收其他费用。",
                }
            },
            "buttons": _buttons("3 期", "/inform3", "6 期", "/inform6", "12 期", "/inform12"),
        }
    ],
    "/sign_in": [{"text": "登录后我才能看到您的账单。", "custom": {"link": {"title": "登录", "action": "sign_in"}}}],
    "link": [
        {
            "text": "在手机银行里还款最快。",
            "custom": {"link": {"title": "打开手机银行", "url": "https://bank.example/pay"}},
        }
    ],
    "evil": [{"text": "?", "custom": {"link": {"title": "bad", "url": "javascript:document.title='owned'"}}}],
    "html": [{"text": "<img src=x onerror=\"document.title='owned'\"><b>bold</b>"}],
    "code": [
        {
            "text": "验证码已发到 138****5678，请输入。",
            "custom": {"expects": "code"},
            "buttons": _buttons("没收到，重发", "/resend_code", "不办了", "/stop"),
        }
    ],
    "?": [{"text": "我没听懂，您可以换个说法。", "buttons": _buttons("找人工客服", "/human")}],
}

_ENGLISH: Dict[str, List[Answer]] = {
    "/greet": [
        {
            "text": "Hello, I am the repayment assistant. Ask me about your bill, interest, instalments or more time.",
            "buttons": _buttons(
                "I am overdue", "/overdue_help", "What do I owe now", "/ask_amount_due", "Sign in", "/sign_in"
            ),
        }
    ],
    "/overdue_help": [
        {"text": "Let us look at it together. This card is 5 days overdue; paying the minimum ends that."},
        {
            "custom": {
                "card": {
                    "title": "Demonstration card",
                    "subtitle": "ending in 1234 · 5 days overdue",
                    "figure": {"label": "To pay now", "value": "¥12,480.66", "note": "as of Sat 21 Nov"},
                    "rows": [
                        {"label": "Spending", "value": "¥12,000.00"},
                        {"label": "Interest", "value": "¥420.66", "note": "0.05% a day, 18.25% a year"},
                        {"label": "Late fee", "value": "¥60.00"},
                        {"label": "Total", "value": "¥12,480.66", "strong": True},
                    ],
                    "note": "The figures come from the bank and change once a payment is booked.",
                }
            }
        },
        {
            "text": "These are the ways out. Which one shall we look at?",
            "buttons": _buttons(
                "Pay by instalments", "/request_instalment", "Pay later", "/request_deferral", "A person", "/human"
            ),
        },
    ],
    "/request_instalment": _CHINESE["/request_instalment"],
    "/sign_in": [
        {
            "text": "I can see your bill once you are signed in.",
            "custom": {"link": {"title": "Sign in", "action": "sign_in"}},
        }
    ],
    "code": [
        {
            "text": "A code was sent to 138****5678. Please enter it.",
            "custom": {"expects": "code"},
            "buttons": _buttons("Send a new one", "/resend_code", "Stop here", "/stop"),
        }
    ],
    "?": [
        {
            "text": "I did not get that. Could you say it in other words?",
            "buttons": _buttons("Talk to a person", "/human"),
        }
    ],
}
