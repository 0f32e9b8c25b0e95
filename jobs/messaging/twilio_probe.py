"""Whether a carrier takes our credentials, without sending anything."""

from __future__ import annotations

import aiohttp
from twilio.base.exceptions import (
    TwilioException,
    TwilioRestException,
    TwilioServiceException,
)
from twilio.rest import Client

from jobs.messaging.twilio_http import AnswerTooLarge, CarrierHttp

_REFUSED = frozenset({401, 403, 404})


async def probe(account_sid: str, auth_token: str, base_url: str) -> str | None:
    """What speaks against sending by this account; ``None``: nothing. Bounds its own time.

    https://www.twilio.com/docs/iam/api/account#fetch-an-account-resource
    """
    http = CarrierHttp(base_url)
    client = Client(account_sid, auth_token, http_client=http, environment={"SETROOM": "1"})
    try:
        account = await client.api.v2010.accounts(account_sid).fetch_async()
    except (TwilioRestException, TwilioServiceException) as error:
        if error.status in _REFUSED:
            return f"it refuses our account and token ({error.status})"
        return f"it answers {error.status}"
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        return f"not reachable: {(str(error).splitlines() or [type(error).__name__])[0]}"
    except (AnswerTooLarge, TwilioException, ValueError, KeyError, TypeError):
        return "what answers there does not speak Twilio's API"
    finally:
        await http.close()
    status = str(account.status)
    return None if status == "active" else f"our account is {status}"
