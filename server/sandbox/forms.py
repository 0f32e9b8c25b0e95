"""The parameters of Twilio's webhooks, with the fields of the recorded bodies.

Sources: "Twilio's Request to your Incoming Message Webhook URL", "Message status callback", and
the recorded bodies for SMS and WhatsApp.
"""

from __future__ import annotations

from rooms.sandbox.numbers import Area, area_of
from rooms.sandbox.opt_out import OptOutType
from rooms.sandbox.records import (
    WHATSAPP,
    PhoneChannel,
    SandboxMessage,
    SandboxPhone,
    TextStatus,
)
from server.sandbox.twilio_messages import API_VERSION


def inbound_form(
    message: SandboxMessage, phone: SandboxPhone, account_sid: str, opt_out: OptOutType | None
) -> dict[str, str]:
    """What the webhook for texts is told of a phone's text."""
    form = {
        "SmsMessageSid": message.sid,
        "NumMedia": "0",
        "SmsSid": message.sid,
        "SmsStatus": "received",
        "Body": message.body,
        "To": message.recipient,
        "NumSegments": str(message.segments),
        "MessageSid": message.sid,
        "AccountSid": account_sid,
        "From": message.sender,
        "ApiVersion": API_VERSION,
    }
    if phone.channel is PhoneChannel.SMS:
        form |= _place("From", area_of(phone.number), phone.country)
        own = area_of(message.recipient)
        form |= _place("To", own, own.country if own else "US")
    if opt_out is not None:
        form["OptOutType"] = opt_out.value
    return form


def status_form(message: SandboxMessage, account_sid: str) -> dict[str, str]:
    """What the webhook for statuses is told of a message that was sent."""
    form = {
        "SmsSid": message.sid,
        "SmsStatus": message.status.value,
        "MessageStatus": message.status.value,
        "To": message.recipient,
        "MessageSid": message.sid,
        "AccountSid": account_sid,
        "From": message.sender,
        "ApiVersion": API_VERSION,
    }
    if message.error_code is not None:
        form["ErrorCode"] = str(message.error_code)
    if message.recipient.startswith(WHATSAPP):
        form["ChannelPrefix"] = WHATSAPP.rstrip(":")
        form["ChannelToAddress"] = message.recipient.removeprefix(WHATSAPP)
        if message.status is TextStatus.DELIVERED:
            form["EventType"] = "DELIVERED"
        elif message.status is TextStatus.SENT:
            form["StructuredMessage"] = "false"
    return form


def _place(end: str, area: Area | None, country: str) -> dict[str, str]:
    """Where a number is from; blank where Twilio does not know."""
    return {
        f"{end}Country": country,
        f"{end}State": area.state if area else "",
        f"{end}City": area.city if area else "",
        f"{end}Zip": area.zip_code if area else "",
    }
