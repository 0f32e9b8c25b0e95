"""The options of a scenario on the command line, made from its struct; and what a run ends with."""

from __future__ import annotations

import asyncio
import random
import sys
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import aiohttp
import click
import msgspec
import uvloop
from msgspec import Meta
from rich.console import Console

from loadtests.faults.processes import ServerFailed
from loadtests.kit import report, summary
from loadtests.kit.address import Address, BadAddress
from loadtests.kit.fleet import GeneratorFailed
from loadtests.kit.plain import PlainView
from loadtests.kit.result import Result
from loadtests.kit.run import Plan, View, run
from loadtests.kit.scenario import Scenario
from loadtests.kit.view import LiveView
from loadtests.wire import ApiProblem

EXIT_BROKEN = 1
EXIT_NOT_PLAYED = 2
EXIT_BOTTLENECK = 3
EPILOG = (
    "Exit code: 0 all promises kept; 1 one was broken; 2 the load could not be played;"
    " 3 kept, but the generator was the bottleneck, so the numbers are the generator's."
)

COMMON: list[click.Parameter] = [
    click.Option(["--url"], help="http(s)://host:port of a server that runs. Without it one is"
                 " started in a temporary folder, on PostgreSQL with fsync."),
    click.Option(["--crew-email"], help="Account that may make shows there (else one signs up)."),
    click.Option(["--crew-password"], envvar="SETROOM_LOAD_CREW_PASSWORD", show_envvar=True,
                 help="Its password."),
    click.Option(["--crew-token"], envvar="SETROOM_LOAD_CREW_TOKEN", show_envvar=True,
                 help="An access token instead of both."),
    click.Option(["--insecure"], is_flag=True, help="Take any certificate."),
    click.Option(["--processes"], type=click.IntRange(0, 64), help="Generator processes; 0: none of"
                 " their own. By default as many as the load needs."),
    click.Option(["--seed"], type=int, help="The same seed plans the same load."),
    click.Option(["--json", "json_path"], type=click.Path(path_type=Path, dir_okay=False),
                 help="Write the result (docs/schemas/load-result.schema.json)."),
    click.Option(["--report", "report_path"], type=click.Path(path_type=Path, dir_okay=False),
                 help="Write a page with plots, in one file."),
    click.Option(["--plain"], is_flag=True, help="Lines instead of the live view."),
]  # fmt: skip


def command_for(name: str, kind: type[Scenario[Any, Any, Any]]) -> click.Command:
    """The command of one scenario."""
    module = sys.modules[kind.__module__]
    fields = msgspec.structs.fields(kind.options_type)
    hints = get_type_hints(kind.options_type, include_extras=True)
    options = [_option(field, hints[field.name]) for field in fields]
    names = [field.name for field in fields]

    def act(**given: Any) -> None:
        own = {key: given.pop(key) for key in names}
        try:
            scenario = kind(kind.options_type(**own))
        except ValueError as error:
            raise click.UsageError(str(error)) from None
        _run(scenario, **given)

    return click.Command(
        name,
        callback=act,
        params=[*options, *COMMON],
        help=module.__doc__,
        epilog=EPILOG,
        context_settings={"max_content_width": 110},
    )


def _option(field: msgspec.structs.FieldInfo, hint: Any) -> click.Option:
    assert get_origin(hint) is Annotated, f"{field.name} is not described"
    kind, *notes = get_args(hint)
    meta = next(note for note in notes if isinstance(note, Meta))
    flag = "--" + field.name.replace("_", "-")
    help_text = meta.description or ""
    if get_args(kind) and all(isinstance(value, str) for value in get_args(kind)):
        return click.Option(
            [flag],
            type=click.Choice(list(get_args(kind))),
            default=field.default,
            show_default=True,
            help=help_text,
        )
    if kind is bool:
        return click.Option([flag], is_flag=True, default=field.default, help=help_text)
    return click.Option(
        [flag],
        type=kind,
        default=field.default,
        show_default=field.default != "",
        help=help_text,
    )


def _run(
    scenario: Scenario[Any, Any, Any],
    *,
    url: str | None,
    crew_email: str | None,
    crew_password: str | None,
    crew_token: str | None,
    insecure: bool,
    processes: int | None,
    seed: int | None,
    json_path: Path | None,
    report_path: Path | None,
    plain: bool,
) -> None:
    if url is not None:
        try:
            Address.parse(url)
        except BadAddress as error:
            raise click.BadParameter(str(error), param_hint="--url") from None
    chosen = random.SystemRandom().getrandbits(32) if seed is None else seed
    plan = Plan(
        seed=chosen,
        url=url,
        crew_email=crew_email,
        crew_password=crew_password,
        crew_token=crew_token,
        processes=processes,
        verify=not insecure,
    )
    view = _view(plain)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            result = runner.run(run(scenario, plan, view))
    except (GeneratorFailed, ServerFailed, ApiProblem, aiohttp.ClientError, TimeoutError) as error:
        click.echo(f"the load could not be played: {error or type(error).__name__}", err=True)
        raise SystemExit(EXIT_NOT_PLAYED) from None
    summary.tell(result)
    _write(result, json_path, report_path)
    raise SystemExit(exit_code(result))


def _view(plain: bool) -> View:
    """Live on a terminal; lines where nobody looks, or by wish."""
    console = Console()
    return PlainView(click.echo) if plain or not console.is_terminal else LiveView(console)


def _write(result: Result, json_path: Path | None, report_path: Path | None) -> None:
    if json_path is not None:
        json_path.write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=1))
        click.echo(f"result: {json_path}")
    if report_path is not None:
        report_path.write_text(report.page(result), encoding="utf-8")
        click.echo(f"report: {report_path}")


def exit_code(result: Result) -> int:
    """What the process ends with: a broken promise weighs more than a slow generator."""
    if result.verdict == "broken":
        return EXIT_BROKEN
    return EXIT_BOTTLENECK if result.bottleneck.was else 0
