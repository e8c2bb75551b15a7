"""The ways to customers, each behind the protocol of `base`, as the settings choose them."""

from __future__ import annotations

from typing import Dict, Optional

from bank.models import ContactChannel
from channels.conversations import Conversations
from common.database import Database
from common.settings import Settings
from outreach.senders.aliyun import AliyunSms
from outreach.senders.base import Sender, Senders
from outreach.senders.call_task import CallTaskSender
from outreach.senders.conversation import ConversationSender
from outreach.senders.messaging import MessagingSender, platforms_of
from outreach.senders.outbox import OutboxSender
from outreach.senders.smtp import SmtpSender
from outreach.senders.tencent import TencentSms
from outreach.senders.webhook import WebhookSender


def senders_from(values: Settings, database: Database) -> Senders:
    """Those that are set up; mail and SMS without a server go to the outbox page alone.

    Raises ValueError if the bank's own message service is not set up as it must be.
    """
    found: Dict[ContactChannel, Sender] = {
        ContactChannel.PHONE: CallTaskSender(database),
        ContactChannel.WEBCHAT: ConversationSender(
            values.local_assistant_url(),
            values.secret("assistant_api_token"),
            Conversations(values.secret("webchat_secret")),
        ),
        ContactChannel.EMAIL: _mail(values),
        ContactChannel.SMS: _sms(values),
    }
    messaging = messaging_sender(values)
    there = {**found, ContactChannel.WECHAT: messaging} if messaging else found
    return {**there, **_webhook(values)}


def messaging_sender(values: Settings) -> Optional[MessagingSender]:
    """WeChat, where an account is set up on which amounts may be shown: reminders name them.

    None where the bank's own message service has that channel.
    """
    if values.outreach_webhook_url and ContactChannel.WECHAT.value in values.outreach_webhook_channels:
        return None
    there = platforms_of(values.messaging_figures, bool(values.wechat_app_id), bool(values.wecom_corp_id))
    if not there:
        return None
    return MessagingSender(
        values.local_assistant_url(),
        values.secret("assistant_api_token"),
        values.secret("desk_token"),
        Conversations(values.secret("webchat_secret")),
        there,
        templates=values.outreach_wechat_templates,
        link=values.outreach_link or values.bank_origin(),
    )


def _webhook(values: Settings) -> Senders:
    if not values.outreach_webhook_url:
        return {}
    wanted = [ContactChannel(each) for each in values.outreach_webhook_channels]
    account = values.outreach_webhook_url, values.outreach_webhook_secret or ""
    return {channel: WebhookSender(channel, *account) for channel in wanted}


def _mail(values: Settings) -> Sender:
    if not values.outreach_smtp_host:
        return OutboxSender(ContactChannel.EMAIL)
    return SmtpSender(
        values.outreach_smtp_host,
        values.outreach_smtp_port,
        sender=values.outreach_mail_from,
        security=values.outreach_smtp_security,
        user=values.outreach_smtp_user,
        password=values.outreach_smtp_password,
    )


def _sms(values: Settings) -> Sender:
    account = (
        values.outreach_sms_key_id or "",
        values.outreach_sms_key_secret or "",
        values.outreach_sms_signature or "",
        values.outreach_sms_templates,
    )
    if values.outreach_sms_gateway == "aliyun":
        return AliyunSms(*account, url=values.outreach_sms_url or AliyunSms.URL)
    if values.outreach_sms_gateway == "tencent":
        url = values.outreach_sms_url or TencentSms.URL
        return TencentSms(*account, app_id=values.outreach_sms_app_id or "", url=url)
    return OutboxSender(ContactChannel.SMS)
