"""Every setting, read from the environment or `.env`, with defaults that run on one machine.

Secrets that are not given are made on first use and kept in `VAR_DIR`, readable by the owner only.
"""

from __future__ import annotations

import os
import secrets
from datetime import date, time
from functools import lru_cache
from pathlib import Path
from typing import Dict, List, Literal, Optional
from urllib.parse import urlsplit

from pydantic import BaseModel, BaseSettings, Field

ROOT = Path(__file__).resolve().parent.parent


class WechatTemplate(BaseModel):
    """A template message of the Official Account's for one text in one language."""

    id: str
    values: Dict[str, str]  # of each keyword of the template, which of the text's values it gets


class Settings(BaseSettings):
    """Field names in capitals are the environment variables; `.env.example` explains each."""

    var_dir: Path = ROOT / "var"
    model_path: Path = ROOT / "models" / "assistant.tar.gz"
    log_level: str = "INFO"
    default_language: str = "zh"
    today: Optional[date] = Field(default=None, description="Fixes the clock's date, for tests and demonstrations.")

    metrics_token: Optional[str] = Field(default=None, description="Opens /metrics; none: to this machine alone.")

    database_url: Optional[str] = None

    bank_host: str = "127.0.0.1"
    bank_port: int = 8100
    bank_api_url: Optional[str] = None
    bank_api_token: Optional[str] = None
    bank_connect_timeout_seconds: float = 2.0
    bank_read_timeout_seconds: float = 5.0
    bank_policy_file: Path = ROOT / "bank" / "sandbox" / "policy.yml"
    bank_database_url: Optional[str] = Field(default=None, description="The sandbox's store; never `DATABASE_URL`.")
    sandbox_tokens: Dict[str, str] = Field(default={}, description="More service tokens and their scopes, as JSON.")
    sandbox_review_seconds: Optional[int] = Field(default=None, ge=0, description="Instead of the policy's delay.")
    sandbox_sms_inbox: bool = Field(default=False, description="Show codes also if the sandbox leaves this machine.")

    action_host: str = "127.0.0.1"
    action_port: int = 5055
    action_token: Optional[str] = None

    assistant_host: str = "127.0.0.1"
    assistant_port: int = 5005
    assistant_url: Optional[str] = None

    identity_public_key_file: Optional[Path] = None
    identity_issuer: str = "demonstration-bank"
    identity_audience: str = "overdue-card-assistant"
    identity_token_seconds: int = 600

    service_opens: time = Field(default=time(9), description="From when people answer, daily, at the bank.")
    service_closes: time = Field(default=time(21), description="Until when; the same: all day.")
    service_weekends: bool = Field(default=True, description="Whether people answer on Saturdays and Sundays.")
    service_public_holidays: bool = Field(default=True, description="Whether people answer on China's holidays.")
    service_closed_days: List[date] = Field(default=[], description="More days without service, as JSON.")
    service_open_days: List[date] = Field(default=[], description="Days with service whatever else says, as JSON.")

    webchat_allowed_origins: str = Field(default="", description="Comma-separated; empty: the sandbox's own pages.")
    webchat_secret: Optional[str] = None
    webchat_burst: int = Field(default=12, gt=0, description="Messages at once from one page; then one a second.")

    messaging_figures: List[Literal["wechat", "wecom"]] = Field(
        default=[], description="Messaging services over which the bank allows account data, as JSON."
    )
    messaging_page_url: Optional[str] = Field(default=None, description="The bank's page with the web chat.")
    messaging_sign_in_url: Optional[str] = Field(default=None, description="The bank's page that links customers.")

    assistant_api_token: Optional[str] = Field(default=None, description="Guards the assistant's HTTP API.")

    desk_host: str = "127.0.0.1"
    desk_port: int = 8200
    desk_url: Optional[str] = Field(default=None, description="Where the agents' browsers reach the desk.")
    desk_token: Optional[str] = Field(default=None, description="Between the desk and the other processes, both ways.")
    desk_session_secret: Optional[str] = None
    desk_first_answer_seconds: int = Field(default=60, gt=0, description="Service level: until an agent's first word.")
    desk_auto_assign: bool = Field(default=True, description="Give waiting customers to agents who have room.")
    desk_feed_days: int = Field(default=90, gt=0, description="How long events that were read are kept.")
    desk_one_time_password_hours: int = Field(default=72, gt=0, description="Until it has to be changed.")
    desk_provider: Literal["desk", "chatwoot"] = "desk"

    wechat_app_id: Optional[str] = Field(default=None, description="Official Account; none: no such channel.")
    wechat_app_secret: Optional[str] = None
    wechat_token: Optional[str] = None
    wechat_aes_key: Optional[str] = Field(default=None, description="EncodingAESKey; none: messages come in plain.")
    wechat_previous_aes_key: Optional[str] = Field(default=None, description="Accepted too, while the key changes.")
    wechat_api_url: str = "https://api.weixin.qq.com"

    wecom_corp_id: Optional[str] = Field(default=None, description="WeCom customer service; none: no such channel.")
    wecom_secret: Optional[str] = None
    wecom_token: Optional[str] = None
    wecom_aes_key: Optional[str] = None
    wecom_previous_aes_key: Optional[str] = Field(default=None, description="Accepted too, while the key changes.")
    wecom_api_url: str = "https://qyapi.weixin.qq.com"
    wecom_people: Literal["desk", "wecom"] = Field(
        default="desk", description="Who answers customers of the customer service who want a person."
    )

    wechat: Optional[Literal["simulator"]] = Field(default=None, description="Simulate both platforms; never live.")
    simulator_host: str = "127.0.0.1"
    simulator_port: int = 8400

    outreach_host: str = "127.0.0.1"
    outreach_port: int = 8300
    outreach_token: Optional[str] = Field(default=None, description="Opens the pages beyond this machine.")
    outreach_inbound_secret: Optional[str] = Field(default=None, description="Part of the addresses gateways call.")
    outreach_address_secret: Optional[str] = Field(default=None, description="Keys the hashes of addresses.")
    outreach_link: Optional[str] = Field(default=None, description="The page with the chat, as messages name it.")
    outreach_smtp_host: Optional[str] = Field(default=None, description="None: mail goes to the outbox page alone.")
    outreach_smtp_port: int = 587
    outreach_smtp_security: Literal["none", "starttls", "tls"] = "starttls"
    outreach_smtp_user: Optional[str] = None
    outreach_smtp_password: Optional[str] = None
    outreach_mail_from: str = "service@bank.example"
    outreach_sms_gateway: Literal["outbox", "aliyun", "tencent"] = "outbox"
    outreach_sms_url: Optional[str] = Field(default=None, description="Instead of the gateway's public address.")
    outreach_sms_key_id: Optional[str] = None
    outreach_sms_key_secret: Optional[str] = None
    outreach_sms_signature: Optional[str] = Field(default=None, description="The sender's name, as approved.")
    outreach_sms_app_id: Optional[str] = Field(default=None, description="Tencent's SmsSdkAppId.")
    outreach_wechat_templates: Dict[str, WechatTemplate] = Field(
        default={}, description="The Official Account's template messages, by our text, as JSON."
    )
    outreach_sms_templates: Dict[str, str] = Field(default={}, description="The gateway's, by our text, as JSON.")
    outreach_webhook_url: Optional[str] = Field(default=None, description="The bank's own message service.")
    outreach_webhook_secret: Optional[str] = Field(default=None, description="Signs what goes there: whsec_….")
    outreach_webhook_channels: List[Literal["sms", "email", "wechat"]] = Field(
        default=["sms"], description="What goes there, and by no other way, as JSON."
    )

    chatwoot_url: Optional[str] = None
    chatwoot_account_id: Optional[int] = None
    chatwoot_inbox_id: Optional[int] = None
    chatwoot_inbox_identifier: Optional[str] = None
    chatwoot_api_token: Optional[str] = None
    chatwoot_bot_token: Optional[str] = None
    chatwoot_webhook_secret: Optional[str] = None

    desk_oidc_issuer: Optional[str] = Field(default=None, description="OpenID Connect: the provider's address.")
    desk_oidc_client_id: Optional[str] = None
    desk_oidc_client_secret: Optional[str] = None

    bank_session_secret: Optional[str] = None
    bank_code_secret: Optional[str] = None

    class Config:
        env_file = ROOT / ".env"

    def bank_url(self) -> str:
        """Base of the bank API, version included, without a slash at the end."""
        return (self.bank_api_url or f"http://{self.bank_host}:{self.bank_port}/v1").rstrip("/")

    def bank_origin(self) -> str:
        """Where this machine reaches the bank sandbox."""
        return f"http://{self.bank_host}:{self.bank_port}"

    def public_assistant_url(self) -> str:
        """Where a browser reaches the assistant."""
        return (self.assistant_url or f"http://{self.assistant_host}:{self.assistant_port}").rstrip("/")

    def local_assistant_url(self) -> str:
        """Where the product's own processes reach the assistant."""
        return f"http://{self.assistant_host}:{self.assistant_port}"

    def public_desk_url(self) -> str:
        """Where an agent's browser reaches the desk."""
        return (self.desk_url or self.local_desk_url()).rstrip("/")

    def simulator_url(self) -> str:
        """Where this machine reaches the simulator of WeChat and WeCom."""
        return f"http://{self.simulator_host}:{self.simulator_port}"

    def local_desk_url(self) -> str:
        """Where the product's own processes reach the desk."""
        return f"http://{self.desk_host}:{self.desk_port}"

    def local_outreach_url(self) -> str:
        """Where the product's own processes reach outreach, and this machine its pages."""
        return f"http://{self.outreach_host}:{self.outreach_port}"

    def bank_store_url(self) -> str:
        """SQLAlchemy address of the bank sandbox's own store."""
        if self.bank_database_url:
            return self.bank_database_url
        self.var_dir.mkdir(parents=True, exist_ok=True)
        return f"sqlite:///{self.var_dir / 'bank.db'}"

    def identity_key_file(self) -> Path:
        """The bank's public key (PEM) with which identity tokens are checked."""
        return self.identity_public_key_file or self.var_dir / "identity-public.pem"

    def chat_page_url(self) -> str:
        """The bank's page with the web chat, for what a messaging service may not show."""
        return self.messaging_page_url or f"{self.bank_origin()}/home"

    def link_sign_in_url(self) -> str:
        """The bank's page where a customer of a messaging service signs in; it sends the identity token back."""
        return self.messaging_sign_in_url or f"{self.bank_origin()}/link"

    def webchat_origins(self) -> List[str]:
        """Origins of the pages that may carry the web chat, the assistant's own included."""
        given = [origin.strip().rstrip("/") for origin in self.webchat_allowed_origins.split(",") if origin.strip()]
        hosts = dict.fromkeys([self.bank_host, "127.0.0.1", "localhost"])
        pages = given or [f"http://{host}:{self.bank_port}" for host in hosts]
        own = urlsplit(self.public_assistant_url())
        return [*pages, f"{own.scheme}://{own.netloc}"]

    def has_own_people(self, channel: Optional[str]) -> bool:
        """Whether customers of this channel who want a person get the service's own people, not those of the desk."""
        return channel == "wecom" and self.wecom_people == "wecom"

    def needed(self, name: str, what: str) -> str:
        """The setting `name` (a field of this class). Raises `ValueError` if it is not set: `what` needs it."""
        given: Optional[str] = getattr(self, name)
        if not given:
            raise ValueError(f"{name.upper()} is not set, and {what} needs it")
        return given

    def store_url(self, name: str) -> str:
        """SQLAlchemy address of the store `name`: `DATABASE_URL`, or an SQLite file of its own."""
        if self.database_url:
            return self.database_url
        self.var_dir.mkdir(parents=True, exist_ok=True)
        return f"sqlite:///{self.var_dir / name}.db"

    def secret(self, name: str) -> str:
        """The secret `name` (a field of this class), made and kept under `VAR_DIR` if it is not set.

        Several processes may ask at the same time; all get the same one.
        """
        given: Optional[str] = getattr(self, name)
        if given:
            return given
        self.var_dir.mkdir(parents=True, exist_ok=True)
        path = self.var_dir / f"{name}.secret"
        if not path.exists():
            draft = self.var_dir / f".{name}.{os.getpid()}.{secrets.token_hex(4)}"
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(32))
            try:
                os.link(draft, path)
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return path.read_text().strip()


@lru_cache(maxsize=None)
def settings() -> Settings:
    """The settings of this process."""
    return Settings()
