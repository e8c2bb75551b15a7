"""The two accounts that the simulator has, and which assistant they deliver to."""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import dataclass
from typing import Dict, Optional

from common.settings import Settings

OFFICIAL_WEBHOOK = "/webhooks/wechat/callback"
SERVICE_WEBHOOK = "/webhooks/wecom/callback"


#: What outreach sends by the account's one template message.
_TEMPLATES = {
    f"{text}.zh": {
        "id": "simulated-payment-due",
        "values": {"thing1": "last4", "amount2": "amount", "thing3": "due_date"},
    }
    for text in ("due_in_a_week", "due_soon")
}


@dataclass(frozen=True)
class OfficialConfig:
    """An Official Account as it is configured at the platform."""

    app_id: str
    app_secret: str
    token: str
    encoding_aes_key: str  # empty: plain mode
    webhook: str  # the address of the assistant's webhook
    user_name: str = "gh_0a1b2c3d4e5f"  # the account's own name in messages


@dataclass(frozen=True)
class ServiceConfig:
    """A customer service account of WeCom; it always encrypts."""

    corp_id: str
    secret: str
    token: str
    encoding_aes_key: str
    open_kfid: str
    webhook: str
    servicer: str = "servicer"  # the one person who may receive customers in WeCom itself


def nonce() -> str:
    """A number used once, as the platforms sign with."""
    return str(secrets.randbelow(9 * 10**9) + 10**9)


def environment(values: Settings) -> Dict[str, str]:
    """Settings of the assistant and of the simulator, of accounts that are new with each call.

    New ones, as nothing that the assistant remembers of earlier ones, cursors and tokens, would be known here. Account
    data is shown on both services, unless the settings say where it is.
    """
    figures = values.messaging_figures if "messaging_figures" in values.__fields_set__ else ["wechat", "wecom"]
    return {
        "MESSAGING_FIGURES": json.dumps(figures),
        "WECHAT_APP_ID": f"wx{secrets.token_hex(8)}",
        "WECHAT_APP_SECRET": secrets.token_hex(16),
        "WECHAT_TOKEN": secrets.token_hex(16),
        "WECHAT_AES_KEY": _encoding_aes_key(),
        "WECHAT_API_URL": f"{values.simulator_url()}/wechat",
        "OUTREACH_WECHAT_TEMPLATES": json.dumps(_TEMPLATES),
        "WECOM_CORP_ID": f"ww{secrets.token_hex(8)}",
        "WECOM_SECRET": secrets.token_urlsafe(32),
        "WECOM_TOKEN": secrets.token_hex(12),
        "WECOM_AES_KEY": _encoding_aes_key(),
        "WECOM_API_URL": f"{values.simulator_url()}/wecom",
    }


def _encoding_aes_key() -> str:
    """A new key in the platforms' notation: 43 characters for 32 bytes."""
    return base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")


def official_from(values: Settings) -> OfficialConfig:
    """The Official Account of the settings. Raises `ValueError` if they lack something."""
    return OfficialConfig(
        app_id=_need("WECHAT_APP_ID", values.wechat_app_id),
        app_secret=_need("WECHAT_APP_SECRET", values.wechat_app_secret),
        token=_need("WECHAT_TOKEN", values.wechat_token),
        encoding_aes_key=values.wechat_aes_key or "",
        webhook=f"{values.local_assistant_url()}{OFFICIAL_WEBHOOK}",
    )


def service_from(values: Settings) -> ServiceConfig:
    """The customer service of the settings, as `official_from`."""
    return ServiceConfig(
        corp_id=_need("WECOM_CORP_ID", values.wecom_corp_id),
        secret=_need("WECOM_SECRET", values.wecom_secret),
        token=_need("WECOM_TOKEN", values.wecom_token),
        encoding_aes_key=_need("WECOM_AES_KEY", values.wecom_aes_key),
        open_kfid=f"wk{secrets.token_urlsafe(24)[:30]}",
        webhook=f"{values.local_assistant_url()}{SERVICE_WEBHOOK}",
    )


def _need(name: str, value: Optional[str]) -> str:
    if not value:
        raise ValueError(f"{name} is not set: start everything with `make run WECHAT=simulator`")
    return value
