"""Rounds by way of their room: every change is a command, every read is its projection."""

from __future__ import annotations

import hashlib

import msgspec

from rooms import limits
from rooms.commands import (
    AnyCommand,
    CastVote,
    CreateRound,
    OpenRound,
    SetJury,
    SupersedeRound,
    UpdateRound,
)
from rooms.ports import NewId
from rooms.rounds import presets
from rooms.rounds.presets import Choice, Preset, PresetLanguage, options_of
from rooms.rounds.problems import problems
from rooms.states import RoundView
from rooms.views import in_order, round_view
from rooms.vote_config import Pick, VoteConfig
from server.field_problems import FieldProblem
from server.problems import invalid, not_allowed, not_found
from server.room_calls import RoomCall, RoomCalls
from server.rounds.asked_config import AskedConfig, completed
from server.rounds.presets import RoundMaterial
from server.rounds.schemas import (
    HeldVote,
    NewRoundBody,
    PresetView,
    RoundBodyView,
    SupersedeBody,
    VoteBody,
    VoteView,
)
from server.security.identity import Identity
from storage.shows.rounds import RoundIndex


class Rounds:
    """Rounds."""

    def __init__(
        self, calls: RoomCalls, index: RoundIndex, material: RoundMaterial, new_id: NewId
    ) -> None:
        self._calls = calls
        self._index = index
        self._material = material
        self._new_id = new_id

    async def create(
        self, show_id: str, round_id: str, identity: Identity, body: NewRoundBody
    ) -> RoundBodyView:
        """Keeps a draft, or opens it at once. The same ``round_id`` again is the same round.

        Raises:
            ApiError: ``validation_failed`` field by field, ``not_allowed``, …
        """
        if body.config is None and body.preset is None:
            raise invalid(FieldProblem("config", "missing", "Give a config, or name a preset."))
        if body.config is not None and body.options_from is None and body.labels is None:
            check_config(completed(body.config))
        async with self._calls.enter(show_id, identity) as call:
            if not call.is_crew:
                raise not_allowed("Rounds are made by the show's crew.")
            if round_id not in call.room.replica.state.rounds:
                config = await self._filled(call, body)
                await call.give(round_id, CreateRound(round_id=round_id, config=config))
            if body.open and _status(call, round_id) == "draft":
                await call.give(f"{round_id}:open", OpenRound(round_id=round_id))
            return _view(call, round_id)

    async def presets(
        self, show_id: str, identity: Identity, language: PresetLanguage = PresetLanguage.EN
    ) -> list[PresetView]:
        """The presets, filled for a show.

        Raises:
            ApiError: ``not_allowed``: they are for crew.
        """
        async with self._calls.look(show_id, identity) as call:
            if not call.is_crew:
                raise not_allowed("Presets are for the show's crew.")
            material = await self._material.of(call.room)
        configs = {
            preset: presets.config_of(preset, material, language=language) for preset in Preset
        }
        return [
            PresetView(preset, not problems(config), config, presets.source_of(preset))
            for preset, config in configs.items()
        ]

    async def update(self, round_id: str, identity: Identity, asked: AskedConfig) -> RoundBodyView:
        """Replaces a draft's configuration."""
        config = completed(asked)
        check_config(config)
        command = UpdateRound(round_id=round_id, config=config)
        return await self.step(round_id, identity, command)

    async def supersede(
        self, round_id: str, new_round_id: str, identity: Identity, body: SupersedeBody
    ) -> RoundBodyView:
        """Puts a corrected round in the place of one that has run: the new one.

        Raises:
            ApiError: ``validation_failed`` field by field, ``round_is_draft``, …
        """
        config = completed(body.config)
        check_config(config)
        show_id = await self._show_of(round_id)
        command = SupersedeRound(
            round_id=round_id, new_round_id=new_round_id, config=config, reason=body.reason
        )
        async with self._calls.enter(show_id, identity) as call:
            if not call.is_crew or new_round_id not in call.room.replica.state.rounds:
                await call.give(new_round_id, command)
            return _view(call, new_round_id)

    async def step(self, round_id: str, identity: Identity, command: AnyCommand) -> RoundBodyView:
        """Gives a command about a round and shows what became of it.

        Raises:
            ApiError: ``unknown_round``, ``not_allowed``, or the room's code.
        """
        show_id = await self._show_of(round_id)
        async with self._calls.enter(show_id, identity) as call:
            await call.give(self._new_id(), command)
            return _view(call, round_id)

    async def set_jury(
        self, show_id: str, identity: Identity, participant_ids: tuple[str, ...]
    ) -> list[str]:
        """Names the whole jury; who it is now."""
        async with self._calls.enter(show_id, identity) as call:
            await call.give(self._new_id(), SetJury(participant_ids=participant_ids))
            return sorted(call.room.replica.state.memory.jury)

    async def held(self, round_id: str, identity: Identity) -> list[HeldVote]:
        """Votes that wait for review.

        Raises:
            ApiError: ``not_allowed``: they are for crew.
        """
        show_id = await self._show_of(round_id)
        async with self._calls.look(show_id, identity) as call:
            if not call.is_crew:
                raise not_allowed("Votes are reviewed by the show's crew.")
        found = await self._index.held(round_id, limits.HELD_VOTES_SHOWN)
        return [
            HeldVote(
                participant_id=one.participant_id,
                display_name=one.display_name,
                picks=one.picks,
                cast_at=one.cast_at,
                device=None if one.device_id is None else _alias(round_id, one.device_id),
            )
            for one in found
        ]

    async def vote(self, round_id: str, identity: Identity, body: VoteBody) -> VoteView:
        """Sets the caller's ballot.

        Raises:
            ApiError: the room's code: ``round_closed``, ``invalid_picks``, …
        """
        show_id = await self._show_of(round_id)
        async with self._calls.enter(show_id, identity) as call:
            ack = await call.give(body.command_id, CastVote(round_id=round_id, picks=body.picks))
        picks = msgspec.convert(ack.data.get("picks", []), tuple[Pick, ...])
        return VoteView(round_id=round_id, picks=picks, seq=ack.seq)

    async def read(self, round_id: str, viewer: Identity | None) -> RoundBodyView:
        """One round, as the viewer may see it."""
        show_id = await self._show_of(round_id)
        async with self._calls.look(show_id, viewer) as call:
            return _view(call, round_id)

    async def of_show(self, show_id: str, viewer: Identity | None) -> list[RoundBodyView]:
        """All rounds that the viewer may see."""
        async with self._calls.look(show_id, viewer) as call:
            records = in_order(call.room.replica.state.rounds.values())
            views = [_seen(call, record.round_id) for record in records]
            return [_body(show_id, view) for view in views if view is not None]

    async def _filled(self, call: RoomCall, body: NewRoundBody) -> VoteConfig:
        """The configuration that a body means, with its options.

        Raises:
            ApiError: ``validation_failed``.
        """
        if body.labels is None and body.options_from is None and body.preset is None:
            assert body.config is not None
            return completed(body.config)
        material = await self._material.of(call.room)
        options = None
        if body.labels is not None:
            options = options_of([Choice(label) for label in body.labels])
        elif body.options_from is not None:
            options = options_of(material.choices(body.options_from))
        if body.config is not None:
            config = completed(body.config, options)
        else:
            assert body.preset is not None
            config = presets.config_of(body.preset, material, body.options_from, body.language)
            if body.labels is not None and options is not None:
                config = msgspec.structs.replace(config, options=options)
        check_config(config)
        return config

    async def _show_of(self, round_id: str) -> str:
        show_id = await self._index.show_of(round_id)
        if show_id is None:
            raise not_found("round")
        return show_id


def check_config(config: VoteConfig) -> None:
    """Says every problem of a configuration.

    Raises:
        ApiError: ``validation_failed``.
    """
    found = problems(config)
    if found:
        raise invalid(
            *(FieldProblem(f"config.{item.field}", item.code, item.detail) for item in found)
        )


def _alias(round_id: str, device_id: str) -> str:
    """Tells devices apart within a round, without saying which they are."""
    return hashlib.sha256(f"{round_id}:{device_id}".encode()).hexdigest()[:12]


def _status(call: RoomCall, round_id: str) -> str | None:
    """The status of a round in the room; ``None``: there is none."""
    record = call.room.replica.state.rounds.get(round_id)
    return None if record is None else record.status


def _seen(call: RoomCall, round_id: str) -> RoundView | None:
    replica = call.room.replica
    record = replica.state.rounds.get(round_id)
    if record is None:
        return None
    return round_view(
        record,
        replica.state.tallies.get(round_id, {}),
        crew=call.is_crew,
        voted=call.has_voted(round_id),
        count=replica.running.count,
    )


def _view(call: RoomCall, round_id: str) -> RoundBodyView:
    view = _seen(call, round_id)
    if view is None:
        raise not_found("round")
    return _body(call.room.show_id, view)


def _body(show_id: str, view: RoundView) -> RoundBodyView:
    return RoundBodyView(
        id=view.round_id,
        round_id=view.round_id,
        show_id=show_id,
        status=view.status,
        config=view.config,
        config_hash=view.config_hash,
        opened_at=view.opened_at,
        closes_at=view.closes_at,
        closed_at=view.closed_at,
        result=view.result,
        tally=view.tally,
        seed_hash=view.seed_hash,
        runoff_of=view.runoff_of,
        stage_of=view.stage_of,
        stage=view.stage,
        supersedes=view.supersedes,
        superseded_by=view.superseded_by,
    )
