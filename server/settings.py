"""The settings of one process: read once from a mapping, validated, then passed around.

This is the only module that knows the names of environment variables. Each field of `Settings`
is one variable, ``SETROOM_`` and the field's name in capitals; a secret may instead be given as
``SETROOM_…_FILE``, the path of a file that holds it.
"""

import difflib
import ipaddress
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from server.secret import Secret
from server.settings_checks import FILE_SUFFIX, PREFIX, completed, contradictions, variable

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
SenderType = Literal["long_code", "toll_free", "short_code", "whatsapp"]


class SettingsError(Exception):
    """The settings cannot be used.

    Attributes:
        problems: every problem found, one line each, without any secret.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that can be configured. Empty store addresses mean: the embedded stores."""

    database_url: Annotated[
        Secret, Meta(description="PostgreSQL 18 or later, `postgresql://…`; empty: embedded")
    ] = Secret("")
    redis_url: Annotated[
        Secret,
        Meta(
            description="Redis 7, Valkey 8 or later: `redis://`, `redis+sentinel://a,b/service`, "
            "`redis+cluster://a,b`, each with `rediss` for TLS (below); empty: embedded"
        ),
    ] = Secret("")
    secret_key: Annotated[
        Secret,
        Meta(
            description="signs tokens and tickets, at least 32 characters, the same on every "
            "node; generated into the data folder with the embedded stores, required otherwise"
        ),
    ] = Secret("")
    public_url: Annotated[
        str,
        Meta(description="how people reach this site; empty: `http://localhost:` and the port"),
    ] = ""
    host: Annotated[str, Meta(description="address that the web node listens on")] = "127.0.0.1"
    port: Annotated[
        int, Meta(ge=0, le=65535, description="port of the web node; 0: any free one")
    ] = 8000
    data_dir: Annotated[
        Path, Meta(description="folder of the embedded stores, created when missing")
    ] = Path(".setroom")
    node_name: Annotated[
        str, Meta(description="name of this node in logs and metrics; empty: the host's name")
    ] = ""
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Meta(description="least level logged")
    ] = "info"
    log_format: Annotated[
        Literal["auto", "console", "json"],
        Meta(description="`auto`: for people on a terminal, else JSON lines"),
    ] = "auto"
    sms_number: Annotated[
        str,
        Meta(
            description="the number that fans text to, as it is printed: shown on posters and big "
            "screens of shows that take SMS; empty: SMS is not offered"
        ),
    ] = ""
    sms: Annotated[
        Literal["auto", "twilio", "sandbox", "off"],
        Meta(
            description="who carries texts; `auto`: Twilio with its credentials, else a sandbox in "
            "the product with the embedded stores, else nobody"
        ),
    ] = "auto"
    twilio_account_sid: Annotated[str, Meta(description="Twilio's account, `AC…`")] = ""
    twilio_auth_token: Annotated[
        Secret, Meta(description="Twilio's token: sends texts, and proves that a webhook is theirs")
    ] = Secret("")
    twilio_base_url: Annotated[
        str, Meta(description="where Twilio's API is; with a path, for a proxy of it")
    ] = "https://api.twilio.com"
    sms_number_type: Annotated[
        SenderType,
        Meta(
            description="what kind of number it is, which bounds its messages a second: 1, 3, 100, "
            "80. `whatsapp`: it takes WhatsApp alone"
        ),
    ] = "long_code"
    whatsapp_number: Annotated[
        str, Meta(description="a number for WhatsApp beside the one for SMS; empty: none")
    ] = ""
    sms_price: Annotated[
        int,
        Meta(
            ge=0,
            le=10_000_000,
            description="price of one segment in millionths of the currency, for estimates",
        ),
    ] = 8_300
    sms_currency: Annotated[
        str, Meta(pattern="^[A-Z]{3}$", description="currency of that price, ISO 4217")
    ] = "USD"
    mail_url: Annotated[
        Secret,
        Meta(
            description="who takes mails, `smtp://user:password@host:port` (STARTTLS) or "
            "`smtps://…`; `sandbox:` keeps them for the panel, `off`; empty: `sandbox:` with the "
            "embedded stores, else `off`"
        ),
    ] = Secret("")
    mail_from: Annotated[
        str, Meta(description="who mails are from, `Setroom <hello@example.org>`")
    ] = ""
    mail_per_second: Annotated[
        float, Meta(gt=0, le=1000, description="mails a second, by all workers together")
    ] = 10.0
    mail_dkim_domain: Annotated[str, Meta(description="domain that signs mails (DKIM)")] = ""
    mail_dkim_selector: Annotated[str, Meta(description="selector of the signing key")] = ""
    mail_dkim_key: Annotated[Secret, Meta(description="the key, RSA in PEM")] = Secret("")
    mail_webhook_secret: Annotated[
        Secret,
        Meta(description="proves that a bounce or complaint was posted by your mail provider"),
    ] = Secret("")
    trusted_proxies: Annotated[
        tuple[Network, ...],
        Meta(description="networks whose `X-Forwarded-*` headers are believed, comma-separated"),
    ] = ()
    allowed_origins: Annotated[
        tuple[str, ...],
        Meta(
            description="origins besides the public URL's that may open sockets and call the "
            "API from a browser, comma-separated"
        ),
    ] = ()
    database_pool_size: Annotated[
        int,
        Meta(
            ge=4,
            le=500,
            description="PostgreSQL connections of one process, at most; two in five of a web "
            "node's are for its rooms alone",
        ),
    ] = 10
    redis_pool_size: Annotated[
        int, Meta(ge=2, le=1000, description="Redis connections of one process, at most")
    ] = 20
    drain_pause_s: Annotated[
        float,
        Meta(
            ge=0,
            le=120,
            description="seconds that a stopping web node goes on serving whom it has and is not "
            "ready any longer, until balancers have noticed",
        ),
    ] = 0.0
    drain_s: Annotated[
        float,
        Meta(ge=0, le=600, description="seconds that it then gives its connections"),
    ] = 10.0
    sentry_dsn: Annotated[
        Secret, Meta(description="where errors are reported to, Sentry's DSN; empty: nowhere")
    ] = Secret("")
    sentry_environment: Annotated[
        str,
        Meta(
            pattern="^[^/\\s]{1,64}$",
            description="what Sentry and traces call this deployment",
        ),
    ] = "production"
    otlp_url: Annotated[
        str,
        Meta(
            description="where traces go, OTLP over HTTP: `http://collector:4318`; empty: nowhere, "
            "and nothing is traced"
        ),
    ] = ""
    trace_sample: Annotated[
        float,
        Meta(ge=0, le=1, description="share of what comes in that is traced, from 0 to 1"),
    ] = 0.01
    demo: Annotated[bool, Meta(description="`setroom up` also runs the demo show")] = False

    @property
    def is_embedded(self) -> bool:
        """Whether the stores are the embedded ones, not started yet."""
        return not self.database_url

    @property
    def origins(self) -> frozenset[str]:
        """Every origin (scheme, host, port) that pages of this site may come from."""
        return frozenset({origin_of(self.public_url), *map(origin_of, self.allowed_origins)})


def read_settings(environ: Mapping[str, str], **overrides: object) -> Settings:
    """Read and validate the settings.

    Args:
        environ: the variables, as in ``os.environ``.
        overrides: fields that the command line gave; None means not given.

    Raises:
        SettingsError: lists every problem at once.
    """
    problems = _unknown(environ)
    values: dict[str, Any] = {}
    for field in msgspec.structs.fields(Settings):
        try:
            text = _text_of(field, environ)
            if text is not None:
                values[field.name] = _convert(text, field.type)
        except (msgspec.ValidationError, ValueError, OSError) as error:
            problems.append(f"{variable(field.name)}: {_say(error, field)}")
    given = {name: value for name, value in overrides.items() if value is not None}
    settings = completed(Settings(**(values | given)))
    problems += contradictions(settings)
    if problems:
        raise SettingsError(problems)
    return settings


def origin_of(url: str) -> str:
    """The origin of a URL (RFC 6454): scheme, host and, where given, port."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def as_environment(settings: Settings) -> dict[str, str]:
    """The variables that make a child process read the same settings."""
    variables = {}
    for field in msgspec.structs.fields(Settings):
        value = getattr(settings, field.name)
        match value:
            case Secret():
                text = value.reveal()
            case tuple():
                text = ",".join(map(str, value))
            case bool():
                text = str(value).lower()
            case _:
                text = str(value)
        variables[variable(field.name)] = text
    return variables


def settings_table() -> str:
    """The settings as a Markdown table, for ``docs/operations.md``."""
    lines = ["| variable | default | meaning |", "|---|---|---|"]
    for field in msgspec.structs.fields(Settings):
        meta = next(extra for extra in get_args(field.type) if isinstance(extra, Meta))
        default = field.default
        shown = "" if isinstance(default, Secret) or default in ("", ()) else f"`{default}`"
        shown = shown.lower() if isinstance(default, bool) else shown
        lines.append(f"| `{variable(field.name)}` | {shown} | {meta.description} |")
    return "\n".join(lines)


def _unknown(environ: Mapping[str, str]) -> list[str]:
    known = {variable(field.name): field for field in msgspec.structs.fields(Settings)}
    known |= {
        name + FILE_SUFFIX: field for name, field in known.items() if _kind(field.type) is Secret
    }
    problems = []
    for name in sorted(environ):
        if name.startswith(PREFIX) and name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f", did you mean {close[0]}?" if close else ""
            problems.append(f"{name}: there is no such setting{hint}")
    return problems


def _kind(annotation: Any) -> Any:
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def _text_of(field: msgspec.structs.FieldInfo, environ: Mapping[str, str]) -> str | None:
    name = variable(field.name)
    text = environ.get(name, "").strip()
    if not text and _kind(field.type) is Secret:
        file = environ.get(name + FILE_SUFFIX, "").strip()
        text = Path(file).read_text().strip() if file else ""
    return text or None


def _convert(text: str, annotation: Any) -> Any:
    """Turn a variable's text into the field's type, by msgspec's rules for text."""
    kind = _kind(annotation)
    if get_origin(kind) is tuple:
        parts = [part.strip() for part in text.split(",") if part.strip()]
        if get_args(kind)[0] is str:
            return tuple(parts)
        return tuple(ipaddress.ip_network(part, strict=False) for part in parts)
    if kind is Secret:
        return Secret(text)
    if kind is Path:
        return Path(text)
    if kind is bool:
        text = {"yes": "true", "on": "true", "no": "false", "off": "false"}.get(
            text.lower(), text.lower()
        )
    return msgspec.convert(text, annotation, strict=False)


def _say(error: Exception, field: msgspec.structs.FieldInfo) -> str:
    if isinstance(error, OSError):
        return f"the file cannot be read ({error.strerror})"
    kind = _kind(field.type)
    if kind is Secret:
        return "not valid"
    if get_origin(kind) is Literal:
        return f"none of {', '.join(get_args(kind))}"
    if kind is bool:
        return "neither true nor false"
    message = str(error)
    return message[:1].lower() + message[1:]
