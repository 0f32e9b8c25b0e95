"""Why a store cannot be reached, in words that say what to do about it."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from typing import Final

_UNKNOWN_ISSUER: Final = frozenset({18, 19, 20, 21})
_OTHER_NAME: Final = frozenset({62, 63, 64})
_EXPIRED: Final = 10
_NOT_YET_VALID: Final = 9
"""OpenSSL's ``X509_V_ERR_…`` (x509_vfy.h)."""

CAUSES_MAX: Final = 8


def why(error: BaseException, *, authority_option: str) -> str:
    """One line.

    Args:
        error: of a driver; what it was caused by is looked at first.
        authority_option: the address's option that names a file of authorities.
    """
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _certificate(cause, authority_option)
        if isinstance(cause, ssl.SSLError):
            return _handshake(cause)
    return (str(error).splitlines() or [type(error).__name__])[0] or type(error).__name__


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    for _ in range(CAUSES_MAX):
        if cause is None:
            return
        yield cause
        cause = cause.__cause__ or cause.__context__


def _certificate(error: ssl.SSLCertVerificationError, authority_option: str) -> str:
    if error.verify_code in _UNKNOWN_ISSUER:
        return (
            "its certificate is signed by nobody known here; a private authority is named by "
            f"?{authority_option}=/path/of/ca.pem"
        )
    if error.verify_code in _OTHER_NAME:
        return f"its certificate is for another host: {error.verify_message.rstrip('.')}"
    if error.verify_code == _EXPIRED:
        return "its certificate has expired"
    if error.verify_code == _NOT_YET_VALID:
        return "its certificate is not valid yet; is the clock right?"
    return f"its certificate is refused: {error.verify_message}"


def _handshake(error: ssl.SSLError) -> str:
    match error.reason:
        case "WRONG_VERSION_NUMBER" | "RECORD_LAYER_FAILURE":
            return "what listens there does not speak TLS"
        case "TLSV13_ALERT_CERTIFICATE_REQUIRED" | "SSLV3_ALERT_HANDSHAKE_FAILURE":
            return "it wants a certificate of ours, and was shown none that it takes"
        case reason:
            return f"no TLS connection came about: {reason or error}"
