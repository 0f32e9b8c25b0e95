"""The settings: read once, every problem said at once, no secret ever shown."""

import copy
import pickle
from pathlib import Path

import msgspec
import pytest

from server.mail.configuration import relay_address
from server.secret import Secret
from server.settings import (
    Settings,
    SettingsError,
    as_environment,
    read_settings,
    settings_table,
)

KEY = "k" * 40
CONFIGURED = {
    "SETROOM_DATABASE_URL": "postgresql://u:hunter2@db/x",
    "SETROOM_REDIS_URL": "redis://:hunter2@cache/0",
    "SETROOM_SECRET_KEY": KEY,
}


def test_nothing_configured_means_the_embedded_stores() -> None:
    settings = read_settings({"HOME": "/root", "PATH": "/bin"})

    assert settings.is_embedded
    assert settings.public_url == "http://localhost:8000"
    assert settings.node_name


def test_configured_stores_are_used_as_given() -> None:
    settings = read_settings(CONFIGURED)

    assert not settings.is_embedded
    assert settings.database_url.reveal() == "postgresql://u:hunter2@db/x"


def test_a_child_process_reads_the_same_settings() -> None:
    settings = read_settings(
        CONFIGURED
        | {
            "SETROOM_TRUSTED_PROXIES": "10.0.0.0/8, ::1",
            "SETROOM_ALLOWED_ORIGINS": "https://a.example,https://b.example:8443",
            "SETROOM_DEMO": "yes",
            "SETROOM_DRAIN_S": "2.5",
        }
    )

    assert read_settings(as_environment(settings)) == settings
    assert settings.origins >= {"https://a.example", "https://b.example:8443"}


TWILIO = {
    "SETROOM_TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "SETROOM_TWILIO_AUTH_TOKEN": "hunter2",
    "SETROOM_SMS_NUMBER": "+1 (415) 555-0100",
}


def test_texts_are_carried_by_twilio_with_its_credentials() -> None:
    settings = read_settings(CONFIGURED | TWILIO)

    assert settings.sms == "twilio"
    assert "hunter2" not in repr(settings)


def test_texts_are_carried_by_the_sandbox_with_the_embedded_stores_alone() -> None:
    embedded = read_settings({})

    assert (embedded.sms, embedded.sms_number) == ("sandbox", "+1 201 555 0100")
    assert read_settings(CONFIGURED).sms == "off"
    # A child is told of configured stores, and of what its parent had decided.
    assert read_settings(as_environment(embedded) | CONFIGURED).sms == "sandbox"


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"SETROOM_SMS": "twilio"}, "SETROOM_TWILIO_ACCOUNT_SID: required"),
        (TWILIO | {"SETROOM_TWILIO_ACCOUNT_SID": "SK1"}, "SETROOM_TWILIO_ACCOUNT_SID: not AC"),
        (TWILIO | {"SETROOM_SMS_NUMBER": ""}, "SETROOM_SMS_NUMBER: required"),
        (TWILIO | {"SETROOM_SMS_NUMBER": "415 555 0100"}, "SETROOM_SMS_NUMBER: not a number"),
        (TWILIO | {"SETROOM_SMS_NUMBER_TYPE": "short_code"}, "SETROOM_SMS_NUMBER: not a number"),
        (TWILIO | {"SETROOM_TWILIO_BASE_URL": "api.twilio.com"}, "SETROOM_TWILIO_BASE_URL"),
        (TWILIO | {"SETROOM_SMS_PRICE": "-1"}, "SETROOM_SMS_PRICE"),
        (TWILIO | {"SETROOM_SMS_CURRENCY": "dollars"}, "SETROOM_SMS_CURRENCY"),
    ],
)
def test_what_a_carrier_would_refuse_is_said_at_the_start(
    given: dict[str, str], problem: str
) -> None:
    with pytest.raises(SettingsError, match=problem):
        read_settings(CONFIGURED | given)


def test_every_problem_is_said_at_once_in_one_line_each() -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings(
            {
                "SETROOM_DATABSE_URL": "postgresql://db/x",
                "SETROOM_PORT": "99999",
                "SETROOM_LOG_LEVEL": "loud",
                "SETROOM_DEMO": "perhaps",
                "SETROOM_REDIS_URL": "http://cache",
                "SETROOM_TRUSTED_PROXIES": "10.0.0.0/8,home",
                "SETROOM_SECRET_KEY": "short",
                "SETROOM_PUBLIC_URL": "setroom.example",
            }
        )

    problems = caught.value.problems
    assert [problem.split(":")[0] for problem in problems] == [
        "SETROOM_DATABSE_URL",
        "SETROOM_PORT",
        "SETROOM_LOG_LEVEL",
        "SETROOM_TRUSTED_PROXIES",
        "SETROOM_DEMO",
        "SETROOM_DATABASE_URL",
        "SETROOM_REDIS_URL",
        "SETROOM_SECRET_KEY",
        "SETROOM_PUBLIC_URL",
    ]
    assert "did you mean SETROOM_DATABASE_URL" in problems[0]
    assert not any("\n" in problem for problem in problems)


def test_configured_stores_require_a_secret_key() -> None:
    without = {name: value for name, value in CONFIGURED.items() if "KEY" not in name}

    with pytest.raises(SettingsError, match="SETROOM_SECRET_KEY: required"):
        read_settings(without)


def test_a_secret_may_be_given_as_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY + "\n")

    settings = read_settings({"SETROOM_SECRET_KEY_FILE": str(tmp_path / "key")})

    assert settings.secret_key == Secret(KEY)
    with pytest.raises(SettingsError, match="SETROOM_SECRET_KEY: the file cannot be read"):
        read_settings({"SETROOM_SECRET_KEY_FILE": str(tmp_path / "absent")})


def test_what_the_command_line_gives_wins() -> None:
    settings = read_settings({"SETROOM_PORT": "9000"}, port=9001, host=None)

    assert settings.port == 9001
    assert settings.host == "127.0.0.1"


@pytest.mark.parametrize("show", [repr, str, "{}".format, "{!r}".format])
def test_a_secret_is_never_printed(show: object) -> None:
    settings = read_settings(CONFIGURED)

    for value in (settings, settings.secret_key, settings.database_url):
        text = show(value)  # type: ignore[operator]
        assert KEY not in text
        assert "hunter2" not in text


def test_a_secret_does_not_leave_by_other_doors() -> None:
    secret = Secret("hunter2")

    with pytest.raises(TypeError):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        msgspec.json.encode(secret)
    with pytest.raises(TypeError):
        copy.copy(secret)


def test_an_invalid_secret_is_not_repeated_in_the_error() -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings(CONFIGURED | {"SETROOM_DATABASE_URL": "hunter2:not-a-url"})

    assert "hunter2" not in repr((caught.value, caught.value.args, caught.value.problems))


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        read_settings({}).port = 1  # type: ignore[misc]


def test_the_operations_page_lists_every_setting() -> None:
    page = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()

    assert settings_table() in page, "paste server.settings.settings_table() into the page"
    assert page.count("| `SETROOM_") >= len(msgspec.structs.fields(Settings))


def test_mail_is_kept_in_the_product_unless_a_server_is_named() -> None:
    assert read_settings({}).mail_url.reveal() == "sandbox:"
    assert read_settings(CONFIGURED).mail_url.reveal() == "off"
    sending = {
        "SETROOM_MAIL_URL": "smtp://us%40er:p%3Aw@mail.example:2525?starttls=auto",
        "SETROOM_MAIL_FROM": "Setroom <hello@mail.example>",
    }
    relay = relay_address(read_settings(CONFIGURED | sending).mail_url.reveal())
    assert (relay.host, relay.port, relay.tls) == ("mail.example", 2525, "auto")
    assert (relay.username, relay.password) == ("us@er", "p:w")
    assert "p:w" not in repr(relay)
    assert relay_address("smtp://u:p@mail.example").tls == "required"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("URL", "http://mail.example", "does not begin with smtp://"),
        ("URL", "smtp://mail.example?startls=auto", "has no option startls"),
        ("FROM", "nobody", "not an address"),
        ("DKIM_KEY", "hunter2", "not an RSA private key"),
    ],
)
def test_what_mail_cannot_be_sent_with_is_said_at_the_start(
    name: str, value: str, said: str
) -> None:
    good = {
        "SETROOM_MAIL_URL": "smtp://mail.example",
        "SETROOM_MAIL_FROM": "hello@mail.example",
        "SETROOM_MAIL_DKIM_DOMAIN": "mail.example",
        "SETROOM_MAIL_DKIM_SELECTOR": "s1",
    }
    with pytest.raises(SettingsError) as found:
        read_settings(CONFIGURED | good | {f"SETROOM_MAIL_{name}": value})

    assert any(said in problem for problem in found.value.problems)
    assert "hunter2" not in str(found.value)
