"""Calls: dialling, controlling, and taking what ended into history and vault."""

from __future__ import annotations

from dataclasses import replace

from softphone.app.bus import Bus
from softphone.app.numbers import normalise
from softphone.app.ports import Phone, RecordingPlan, Vault
from softphone.app.session import Session
from softphone.domain.audit import Action, AuditDraft, DataCategory
from softphone.domain.call import Call, Direction, Disposition
from softphone.domain.consent import RECORDING, Announcement
from softphone.domain.contact import HistoryEntry
from softphone.domain.errors import InvalidInput
from softphone.domain.events import HistoryChanged
from softphone.domain.ids import AccountId, CallId, RecordingId
from softphone.domain.permissions import Member, Permission
from softphone.domain.sound import use_region

LAST_CALLS = 50
MOST_SOUND = 16 << 20
"""Bytes of announcements' sound files that go to the engine; the others are spoken by machine."""


def announcements(vault: Vault) -> tuple[Announcement, ...]:
    """Return the newest text on recording in each language, the one written last first."""
    newest: dict[str, Announcement] = {}
    left = MOST_SOUND
    for text in vault.informing.texts():
        language = text.language.casefold()
        if text.topic == RECORDING and language not in newest:
            place = (text.topic, text.version, text.language)
            found = vault.informing.audio(*place) if text.has_audio else b""
            audio = found if len(found) <= left else b""
            left -= len(audio)
            newest[language] = Announcement(text.version, text.language, text.text, audio)
    return tuple(newest.values())


class Calls:
    """Use cases around calls; runs on the vault's thread."""

    def __init__(self, session: Session, phone: Phone, bus: Bus) -> None:
        self._session = session
        self._phone = phone
        self._bus = bus

    def start(self) -> None:
        """Give the engine accounts and the recording plan; take in what waits in its journal."""
        vault = self._session.vault
        member = vault.user
        plan = RecordingPlan(
            mode=vault.policy.recording,
            codec=vault.policy.recording_codec,
            agent=member.id,
            team=member.team,
            targets=vault.seal_targets(member.team),
            calls=vault.policy.calls,
            announcements=announcements(vault),
        )
        self._phone.set_recording_plan(plan, vault.journal_key())
        self._phone.sound(use_region(vault.policy.default_region))
        for account, password in vault.accounts():
            self._phone.set_account(account, password)
        self.take_in_recordings()

    def dial(self, text: str, account: AccountId | None = None) -> CallId:
        """Place a call to what was typed. Raises InvalidInput, Refused."""
        target = normalise(text, self._session.vault.policy.default_region)
        draft = self._session.permit(
            Permission.CALLS_PLACE, Action.CALL_PLACED, DataCategory.CALL, owner=self._session.user
        )
        known = [a.id for a, _ in self._session.vault.accounts()]
        if not known:
            raise InvalidInput(
                "No call can be placed.",
                "There is no SIP account yet.",
                "Add an account in Settings.",
            )
        self._session.vault.append_audit(draft)
        return self._phone.dial(account or known[0], target)

    def redial(self) -> CallId:
        """Call again whom the person called last. Raises InvalidInput, Refused."""
        rows = self._session.vault.history("", LAST_CALLS, 0, (self._session.user,))
        last = next((row for row in rows if row.direction is Direction.OUTGOING), None)
        if last is None:
            raise InvalidInput(
                "Nothing was dialled.", "You have called nobody lately.", "Type a number."
            )
        return self.dial(last.number)

    def resolve(self, text: str) -> str:
        """Return what to dial for a typed name, number or address. Raises InvalidInput."""
        vault = self._session.vault
        if text and not any(c.isdigit() or c == "@" for c in text):
            may = self._session.look(
                Permission.CONTACTS_READ, Action.LIST_READ, DataCategory.CONTACT
            )
            found = vault.contacts(text, 2, 0) if may else ()
            if len(found) == 1 and found[0].numbers:
                return found[0].numbers[0]
            raise InvalidInput(
                "Nothing was dialled.",
                "Several contacts have this name." if found else "No contact has this name.",
                "Type more of the name, or the number.",
            )
        return normalise(text, vault.policy.default_region)

    def transfer(self, call: CallId, text: str) -> None:
        """Send a caller elsewhere without asking there first. Raises InvalidInput, Refused."""
        target = self.resolve(text)
        self._session.vault.append_audit(self._transferring(call))
        self._phone.transfer(call, target)

    def connect(self, call: CallId, other: CallId) -> None:
        """Connect two of our calls with each other and leave. Raises Refused."""
        self._session.vault.append_audit(self._transferring(call))
        self._phone.transfer_to_call(call, other)

    def _transferring(self, call: CallId) -> AuditDraft:
        return self._session.permit(
            Permission.CALLS_PLACE,
            Action.CALL_TRANSFERRED,
            DataCategory.CALL,
            call,
            owner=self._session.user,
        )

    def take_in_call(self, call: Call, agent: Member | None = None) -> None:
        """Keep a finished call in history (once), then let the engine forget it.

        ``agent``: whose call it was, when it ended while they had the window locked.
        """
        vault = self._session.vault
        agent = agent or vault.user
        number = call.number
        contact = vault.find_contact(number)
        talk_ms = 0
        if call.established_at and call.ended_at:
            talk_ms = int((call.ended_at - call.established_at).total_seconds() * 1000)
        entry = HistoryEntry(
            call=call.id,
            contact=contact.id if contact else None,
            contact_name=contact.name if contact else call.display_name,
            number=number,
            direction=call.direction,
            disposition=call.disposition or Disposition.FAILED,
            agent=agent.id,
            agent_name=agent.name,
            started_at=call.started_at or self._session.clock.now(),
            talk_ms=talk_ms,
            recording=call.recording_id,
            quality_mos=call.quality.estimated_mos if call.quality else None,
            reason=call.reason,
            quality=call.quality,
        )
        draft = self._session.draft(Action.CALL_ENDED, DataCategory.CALL, call.id)
        vault.add_call(entry, replace(draft, actor=agent.id))
        self._phone.forget_call(call.id)
        self._bus.publish(HistoryChanged(frozenset({"calls", "audit"})))

    def take_in_recordings(self) -> list[RecordingId]:
        """Take every sealed recording out of the engine's journal into the vault."""
        taken: list[RecordingId] = []
        for sealed in self._phone.sealed_recordings():
            recording = sealed.manifest.recording
            draft = self._session.draft(Action.RECORDING_SEALED, DataCategory.RECORDING, recording)
            self._session.vault.take_in(sealed, draft)
            self._phone.forget_recording(recording)
            taken.append(recording)
        if taken:
            self._bus.publish(HistoryChanged(frozenset({"recordings", "audit"})))
        return taken

    def audit_recording(
        self, action: Action, recording: RecordingId, agent: Member | None = None, **detail: str
    ) -> None:
        """Log a recording's start, pause, resume, stop or failure; ``agent``: whose it was."""
        draft = self._session.draft(action, DataCategory.RECORDING, recording, detail=detail)
        if agent is not None:
            draft = replace(draft, actor=agent.id)
        self._session.vault.append_audit(draft)

    def history(self, text: str, limit: int, offset: int) -> list[HistoryEntry]:
        """Return the calls the person may see, newest first; the first look is logged.

        Who need not know names and numbers gets them masked, and cannot search by them.
        """
        session = self._session
        if not session.look(Permission.HISTORY_READ, Action.LIST_READ, DataCategory.CALL):
            return []
        if not self._may_search(text):
            return []
        agents = session.agents(Permission.HISTORY_READ)
        named = session.may(Permission.CONTACTS_READ).allowed
        rows = session.vault.history(text, limit, offset, agents)
        if named and session.may(Permission.NUMBERS_SEE).allowed:
            return list(rows)
        return [_masked(row, session.shown_number(row.number), named=named) for row in rows]

    def history_count(self, text: str) -> int:
        """Return how many calls match."""
        agents = self._session.agents(Permission.HISTORY_READ)
        if agents == () or not self._may_search(text):
            return 0
        return self._session.vault.history_count(text, agents)

    def _may_search(self, text: str) -> bool:
        """Whether a search would not tell what is hidden: who asks for a number would find it."""
        if not text.strip():
            return True
        wanted = [Permission.CONTACTS_READ]
        if any(c.isdigit() for c in text):
            wanted.append(Permission.NUMBERS_SEE)
        return all(self._session.may(right).allowed for right in wanted)

    def set_wrap_up(self, call: CallId, wrap_up: str) -> None:
        """Keep what the call was about."""
        draft = self._session.draft(Action.NOTE_SAVED, DataCategory.CALL, call)
        self._session.vault.set_wrap_up(call, wrap_up, draft)
        self._bus.publish(HistoryChanged(frozenset({"calls"})))


def _masked(row: HistoryEntry, number: str, *, named: bool) -> HistoryEntry:
    shown = row.contact_name if named and row.contact else ""
    return replace(row, number=number, contact_name=shown, note=row.note if named else "")
