"""What the platforms answer when they refuse: numbers and wordings of their documents.

Official Account: https://developers.weixin.qq.com/doc/service/guide/dev/api/err_code.html; customer service:
https://developer.work.weixin.qq.com/document/path/90313.
"""

from __future__ import annotations

import secrets
from typing import Any, Dict, Mapping

OFFICIAL: Mapping[int, str] = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40002: "invalid grant_type",
    40003: "invalid openid",
    40004: "invalid media type",
    40007: "invalid media_id",
    40008: "invalid message type",
    40013: "invalid appid",
    40014: "invalid access_token",
    40016: "invalid button size",
    40017: "invalid button type",
    40018: "invalid button name size",
    40019: "invalid button key size",
    40020: "invalid button url size",
    40023: "invalid sub button size",
    40025: "invalid sub button name size",
    40033: "invalid charset. please check your request, if include \\uxxxx will create fail!",
    40037: "invalid template_id",
    40125: "invalid appsecret",
    41001: "access_token missing",
    41005: "media data missing",
    42001: "access_token expired",
    43002: "require POST method",
    43004: "require subscribe",
    43101: "user refuse to accept the msg",
    44004: "empty content",
    45002: "content size out of limit",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit, must slower, retry next minute",
    45015: "response out of time limit or subscription is canceled",
    45047: "out of response count limit",
    45072: "invalid command",
    45080: "need sending message to user within 30 seconds before typing",
    45081: "already in typing state",
    46003: "menu no exist",
    47001: "data format error",
    47003: "argument invalid!",
    48001: "api unauthorized",
}

SERVICE: Mapping[int, str] = {
    -1: "system busy",
    40001: "invalid credential",
    40004: "invalid media file type",
    40007: "invalid media_id",
    40008: "invalid message type",
    40013: "invalid corpid",
    40014: "invalid access_token",
    40035: "invalid parameter",
    40096: "invalid external userid",
    41001: "access_token missing",
    41006: "media_id missing",
    42001: "access_token expired",
    44001: "empty media data",
    45002: "content size exceed limit",
    45009: "api freq out of limit",
    47001: "data format error",
    95000: "invalid open_kfid",
    95001: "send msg count limit",
    95002: "send msg time limit",
    95007: "invalid msg token",
    95014: "user is not a servicer in service",
    95016: "not allow to trans to this service state",
    95018: "send msg session status invalid",
}


class ApiError(Exception):
    """A call that a platform refuses with this number."""

    def __init__(self, code: int, detail: str = "") -> None:
        super().__init__(f"{code} {detail}")
        self.code = code
        self.detail = detail


def official_answer(error: ApiError) -> Dict[str, Any]:
    """As the Official Account's API answers."""
    wording = error.detail or OFFICIAL[error.code]
    rid = "-".join(secrets.token_hex(4) for _ in range(3))
    return {"errcode": error.code, "errmsg": f"{wording} rid: {rid}"}


def service_answer(error: ApiError) -> Dict[str, Any]:
    """As the customer service's API answers."""
    wording = error.detail or SERVICE[error.code]
    hint = "".join(secrets.choice("0123456789") for _ in range(22))
    more = f"https://open.work.weixin.qq.com/devtool/query?e={error.code}"
    return {"errcode": error.code, "errmsg": f"{wording}, hint: [{hint}], from ip: 127.0.0.1, more info at {more}"}
