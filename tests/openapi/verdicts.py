"""Who may call what: one verdict for each operation of the document.

An operation that has none fails the test, so that somebody decides.
"""

from __future__ import annotations

from enum import Enum


class Verdict(Enum):
    """What an operation asks of its caller."""

    OPEN = "anybody, also nobody in particular"
    SHOW = "whoever may see the show: anybody where it is public, its people where it is private"
    SIGNED_IN = "somebody, and then about themselves or what is everybody's"
    ROOM = "somebody whom the room lets in"
    CREW = "the show's crew"
    OWNER = "whoever it belongs to: to others it is not there"
    MAKER = "artists and who runs the place, about what is theirs"
    OPERATOR = "who runs the place"
    SECRET = "a secret or signature in the call, whoever sends it"


_WORDS = {
    Verdict.OPEN: """
        beGuest logIn refresh signUp logOut listShows tourLeaderboard accuracyRule artistSongs
        places search suggest readArtist readSong readTour readVenue live ready readInvitation
        readShow qrCode""",
    Verdict.SHOW: """
        lineUp listRounds readRound showLeaderboard readDocument readSetlist setlistHistory
        replayEvents replayState suggestions songRequests songsToRequest confidence performances""",
    Verdict.SIGNED_IN: """
        profile changeProfile deleteAccount endOtherSessions exportData changePassword sessions
        myRooms mailPreferences chooseMails verifyAddress reputation createShow claimArtist
        acceptInvitation declineInvitation sandboxPhones addSandboxPhones sandboxChanges
        removeSandboxCrowd sandboxMail songReviews""",
    Verdict.ROOM: """
        ticket checkIn vote giveCommand pollRoom streamRoom updateSetlist restoreEntry undoChange
        myPhone newPhoneCode""",
    Verdict.CREW: """
        archiveShow cancelShow changeShow closeShow openShow publishShow arrangeLineUp addArtist
        removeArtist invitations invite withdrawInvitation crew setCrew participants checkInCode
        poster displays makeDisplay revokeDisplay createRound cancelRound closeRound extendRound
        heldVotes openRound changeRound releaseVotes revealRound supersedeRound decideTie
        holdNewcomers scrutiny results timeline analytics report setJury roundPresets
        rollBackSetlist settleEntry broadcasts messages makeBroadcast messagingOffer
        previewBroadcast""",
    Verdict.OWNER: """
        endSession confirmPhone sandboxPhoneMessages changeSandboxPhone removeSandboxPhone
        sendSandboxText sandboxMailOne cancelBroadcast pauseBroadcast broadcast resumeBroadcast
        message""",
    Verdict.MAKER: "readSongReview answerSongReview undoSongReview",
    Verdict.OPERATOR: """
        approveClaim rejectClaim deadLetter deadLetters discardDeadLetter jobs reconciliations
        retryDeadLetter nodes operatedRooms""",
    Verdict.SECRET: """
        mailBounces mailReports displayFacts displayTicket displayTurnout twilioSms twilioStatus
        """,
}

VERDICTS = {name: verdict for verdict, names in _WORDS.items() for name in names.split()}
"""By operation id."""

STRANGERS = ("anonymous", "guest", "fan", "stranger", "brand")
"""Everybody but the show's crew and who runs the place."""


def may_be(verdict: Verdict, actor: str, *, private: bool, status: int) -> bool:
    """Whether an answer is one that a verdict allows.

    Args:
        actor: one of `STRANGERS`.
        private: the show lets nobody in without its code.
        status: of the answer.
    """
    nobody = actor == "anonymous"
    match verdict:
        case Verdict.OPEN:
            return status != 403 or private
        case Verdict.SHOW if private:
            return status in (401, 403, 404)
        case Verdict.SHOW:
            return status not in (401, 403)
        case Verdict.SIGNED_IN:
            return (status == 401) == nobody
        case Verdict.ROOM if private:
            return status in ((401,) if nobody else (403, 404))
        case Verdict.ROOM:
            return (status == 401) == nobody
        case Verdict.OWNER:
            return status in ((401,) if nobody else (403, 404))
        case Verdict.CREW | Verdict.OPERATOR | Verdict.MAKER:
            return status in ((401,) if nobody else (403, 404))
        case Verdict.SECRET:
            return status in (401, 403, 404)
