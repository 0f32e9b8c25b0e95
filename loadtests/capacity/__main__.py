"""``python -m loadtests.capacity``: nodes, cores, memory, turns and bandwidth of a night."""

from __future__ import annotations

from typing import Any, get_type_hints

import click
import msgspec
from msgspec import Meta, Struct
from rich.console import Console
from rich.table import Table

from loadtests.capacity.costs import Costs
from loadtests.capacity.model import BadNight, Night, Size, doors_cores, size


def _options(kind: type[Struct], prefix: str = "") -> list[click.Option]:
    found = []
    for field in msgspec.structs.fields(kind):
        hint = get_type_hints(kind, include_extras=True)[field.name]
        meta = next(note for note in hint.__metadata__ if isinstance(note, Meta))
        found.append(
            click.Option(
                [f"--{prefix}{field.name.replace('_', '-')}"],
                type=hint.__origin__,
                default=field.default,
                show_default=True,
                help=meta.description,
            )
        )
    return found


def table(night: Night, costs: Costs, found: Size) -> Table:
    """What a night needs, with the reason of each line."""
    made = Table(title=f"{night.fans:,} fans in {night.rooms:,} rooms", title_justify="left")
    for name in ("what", "how much", "because"):
        made.add_column(name, justify="right" if name == "how much" else "left")
    uses = ", ".join(f"{name} {cores:.1f}" for name, cores in found.cpu.items())
    rows = (
        (
            "web nodes, one core each",
            f"{found.nodes:,}",
            f"{found.nodes_for_connections:,} for connections, {found.nodes_for_cpu:,} for CPU",
        ),
        ("web CPU while it votes, cores", f"{found.web_cores:,.1f}", uses),
        (
            "web CPU while doors open, cores",
            f"{doors_cores(night, costs):,.1f}",
            f"{found.joins:,.0f} joins a second",
        ),
        (
            "web memory, GiB",
            f"{found.web_memory_gib:,.1f}",
            f"each room on {found.room_nodes:,.0f} nodes",
        ),
        ("deliveries a second", f"{found.deliveries:,.0f}", "lines, edits and states to each fan"),
        ("votes a second", f"{found.votes:,.0f}", "durable, sockets and texts"),
        (
            "turns a second",
            f"{found.turns:,.0f}",
            f"{found.turns_busiest_room:,.0f} in each room, of {costs.turns_per_room:,.0f} at most",
        ),
        ("PostgreSQL CPU, cores", f"{found.postgres_cores:,.1f}", "fsync on, one commit a turn"),
        ("Redis, Gbit/s", f"{found.redis_gbit:,.2f}", "each turn to each node of its room"),
        ("egress, Gbit/s", f"{found.egress_gbit:,.1f}", "frames, TCP and TLS included"),
    )
    for row in rows:
        made.add_row(*row)
    return made


def _act(as_json: bool, **given: Any) -> None:
    own = {field.name for field in msgspec.structs.fields(Night)}
    night = Night(**{name: value for name, value in given.items() if name in own})
    costs = Costs(**{k.removeprefix("cost_"): v for k, v in given.items() if k not in own})
    try:
        found = size(night, costs)
    except BadNight as error:
        raise click.UsageError(str(error)) from None
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(found)).decode())
        return
    console = Console()
    out = console if console.is_terminal else Console(width=max(130, console.width))
    out.print(table(night, costs, found))


main = click.Command(
    "capacity",
    callback=_act,
    params=[
        *_options(Night),
        *_options(Costs, "cost-"),
        click.Option(["--json", "as_json"], is_flag=True, help="As JSON."),
    ],
    help="The size of a night from what each thing costs (docs/capacity.md). Costs are those that"
    " were measured; --cost-… replaces one by what your machines measure.",
    context_settings={"max_content_width": 110},
)

if __name__ == "__main__":
    main()
