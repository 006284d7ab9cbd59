"""What every vault does with contacts, legal bases, information and do-not-call lists.

A test class inherits :class:`ContactContract` and gives the fixture ``vault``, signed in as
somebody who may do everything, and ``clock``.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from softphone.app.ports import Vault
from softphone.domain.audit import Action, AuditDraft, AuditFilter, DataCategory
from softphone.domain.consent import (
    MARKETING,
    RECORDING,
    Consent,
    ConsentChange,
    ConsentSource,
    DoNotCallList,
    Informed,
    InfoText,
    LegalBasis,
    Purpose,
    Told,
    standing,
)
from softphone.domain.contact import Contact, ContactKind, Note
from softphone.domain.contact_import import ImportRun, RunState
from softphone.domain.duplicates import Likeness, merged
from softphone.domain.errors import InvalidInput, NotFound
from softphone.domain.ids import CallId, ContactId, NoteId, new_id
from tests.contract.vault_contract import NUMBER, OTHER, a_call, a_contact, a_note
from tests.fakes.clock import FakeClock


def did(action: Action) -> AuditDraft:
    return AuditDraft(action, DataCategory.CONTACT)


def logged(vault: Vault, action: Action) -> int:
    return vault.audit_count(AuditFilter(action=action))


def saved(vault: Vault, contact: Contact) -> Contact:
    vault.save_contact(contact, did(Action.CONTACT_SAVED))
    return contact


def a_consent(vault: Vault, clock: FakeClock, contact: ContactId, **changes: object) -> Consent:
    plain = Consent(
        new_id(), contact, RECORDING, ConsentChange.GIVEN, LegalBasis.CONSENT, ConsentSource.CALL,
        clock.now(), vault.user.id, vault.user.name, version=2, language="de",
        call=CallId(new_id()), at_ms=12_000,
    )  # fmt: skip
    return replace(plain, **changes)  # type: ignore[arg-type]


class ContactContract:
    # contacts as people keep them

    def test_a_contact_comes_back_as_it_was(self, vault: Vault):
        company = saved(
            vault, replace(a_contact("Engines Ltd", OTHER), kind=ContactKind.COMPANY, company="")
        )
        ada = replace(
            a_contact("Ada Lovelace", NUMBER, "ada@pbx.example"),
            labels=("", "sip"),
            email="ada@example.org",
            other_emails=("a@example.com",),
            tags=("vip", "engines"),
            language="en",
            employer=company.id,
        )
        saved(vault, ada)
        assert vault.contact(ada.id) == ada
        assert vault.find_contact(NUMBER) == ada
        assert list(vault.directory.staff(company.id)) == [ada]
        for words in ("lovel", "a@exam", "vip", "engines"):
            assert ada in vault.contacts(words, 9, 0), words

    def test_two_people_may_share_a_number(self, vault: Vault):
        first, second = saved(vault, a_contact("Ada")), saved(vault, a_contact("Charles Babbage"))
        assert [c.id for c in vault.directory.sharing("+49 30 12345678")] == [second.id, first.id]
        assert vault.directory.duplicates(9) == []
        assert vault.directory.shared((OTHER, NUMBER))
        assert not vault.directory.shared((OTHER,))

    @pytest.mark.parametrize("name", ["محمد عبد الله", "דוד כהן", "山田太郎", "Zoë 👩‍👧", "Łódź"])
    def test_names_of_the_world_are_found(self, vault: Vault, name: str):
        kept = saved(vault, a_contact(name))
        assert list(vault.contacts(name.split()[0][:3], 9, 0)) == [kept]

    def test_the_last_activity(self, vault: Vault, clock: FakeClock):
        ada = replace(a_contact(), created_at=clock.now() - timedelta(days=9))
        saved(vault, ada)
        assert vault.directory.last_activity(ada.id) == ada.created_at
        call = a_call(vault, clock, minutes=90)
        vault.add_call(call, did(Action.CALL_ENDED))
        saved(vault, ada)
        assert vault.directory.last_activity(ada.id) == call.started_at
        clock.advance(5)
        vault.save_note(a_note(vault, clock, "x", contact=ada.id), did(Action.NOTE_SAVED))
        assert vault.directory.last_activity(ada.id) == clock.now()

    def test_all_contacts_with_their_own_notes(self, vault: Vault, clock: FakeClock):
        ada, bob = saved(vault, a_contact()), saved(vault, a_contact("Bob", OTHER))
        note = a_note(vault, clock, "Likes tea", contact=ada.id)
        vault.save_note(note, did(Action.NOTE_SAVED))
        found = {c.id: [n.text for n in notes] for c, notes in vault.directory.every()}
        assert found == {ada.id: ["Likes tea"], bob.id: []}
        assert vault.directory.count() == 2

    # likeness

    def test_who_may_be_one(self, vault: Vault):
        ada = saved(vault, replace(a_contact("Ada Lovelace"), email="ADA@example.org"))
        again = saved(vault, replace(a_contact("Lovelace, Ada", OTHER), email="ada@example.org"))
        typo = saved(vault, a_contact("Ada Lovelase", "+442079460001"))
        other = saved(vault, a_contact("Grace Hopper", "+442079460002"))
        pairs = {frozenset((d.first.id, d.second.id)): d.why for d in vault.directory.duplicates(9)}
        assert pairs[frozenset((ada.id, again.id))] == (Likeness.EMAIL, Likeness.NAME)
        assert not any(other.id in pair for pair in pairs)
        assert vault.directory.alike((NUMBER,), (), "Lovelace Ada") == ada
        assert vault.directory.alike((NUMBER,), (), "Grace Hopper") is None
        assert typo.id not in {ada.id}

    def test_a_company_is_known_however_it_is_written(self, vault: Vault):
        made = saved(vault, replace(a_contact("Müller GmbH"), kind=ContactKind.COMPANY))
        assert vault.directory.company("MÜLLER  GmbH") == made
        assert vault.directory.company("Maier AG") is None

    # merging

    def test_a_merge_keeps_everything_and_is_undone(self, vault: Vault, clock: FakeClock):
        ada = saved(vault, replace(a_contact("Ada Lovelace"), tags=("a",)))
        twin = saved(
            vault,
            replace(a_contact("A. Lovelace", OTHER), email="ada@example.org", tags=("b",)),
        )
        vault.add_call(a_call(vault, clock, OTHER), did(Action.CALL_ENDED))
        vault.save_note(a_note(vault, clock, "Hers", contact=twin.id), did(Action.NOTE_SAVED))
        vault.consents.record((a_consent(vault, clock, twin.id),), did(Action.CONSENT_GIVEN))
        directory = vault.directory
        merge = directory.merge(merged(ada, twin), twin.id, did(Action.CONTACTS_MERGED))
        one = vault.contact(ada.id)
        assert one.numbers == (NUMBER, OTHER)
        assert (one.email, one.tags) == ("ada@example.org", ("a", "b"))
        assert [n.text for n in vault.notes(contact=ada.id)] == ["Hers"]
        assert len(vault.consents.history(ada.id)) == 1
        assert vault.history("", 9, 0)[0].contact == ada.id
        with pytest.raises(NotFound):
            vault.contact(twin.id)
        assert [name for name, _ in directory.merges(ada.id)] == [merge]
        assert directory.undo_merge(merge, did(Action.CONTACTS_UNMERGED)) == (ada.id, twin.id)
        assert vault.contact(ada.id) == ada
        assert vault.contact(twin.id) == twin
        assert [n.text for n in vault.notes(contact=twin.id)] == ["Hers"]
        assert len(vault.consents.history(twin.id)) == 1
        assert vault.history("", 9, 0)[0].contact == twin.id
        with pytest.raises(NotFound):
            directory.undo_merge(merge, did(Action.CONTACTS_UNMERGED))
        assert logged(vault, Action.CONTACTS_MERGED) == logged(vault, Action.CONTACTS_UNMERGED) == 1

    # taking in from files

    def test_a_run_is_undone_as_a_whole(self, vault: Vault, clock: FakeClock):
        ada = saved(vault, a_contact())
        run = ImportRun(new_id(), clock.now(), vault.user.name, "csv", RunState.RUNNING)
        directory = vault.directory
        directory.begin_import(run, did(Action.IMPORT_BEGUN))
        bob = a_contact("Bob", OTHER)
        note = Note(NoteId(new_id()), vault.user.id, "x", clock.now(), "n", contact=bob.id)
        consent = a_consent(vault, clock, bob.id, source=ConsentSource.IMPORT)
        directory.put_batch(run.id, [bob], [replace(ada, company="New")], [note], [consent])
        done = directory.finish_import(run.id, did(Action.CONTACTS_IMPORTED))
        assert (done.state, done.created, done.updated) == (RunState.DONE, 1, 1)
        assert vault.contact(ada.id).company == "New"
        assert len(vault.consents.history(bob.id)) == 1
        with pytest.raises(NotFound):
            directory.put_batch(run.id, [a_contact("Late")], [], [])
        undone = directory.undo_import(run.id, did(Action.IMPORT_UNDONE))
        assert (undone.removed, undone.restored) == (1, 1)
        assert vault.contact(ada.id) == ada
        with pytest.raises(NotFound):
            vault.contact(bob.id)
        assert [r.state for r in directory.import_runs(9)] == [RunState.UNDONE]
        with pytest.raises(NotFound):
            directory.undo_import(new_id(), did(Action.IMPORT_UNDONE))

    # legal bases

    def test_every_change_is_kept_and_the_newest_stands(self, vault: Vault, clock: FakeClock):
        ada = saved(vault, a_contact())
        given = a_consent(vault, clock, ada.id, expires_at=clock.now() + timedelta(days=1))
        vault.consents.record((given,), did(Action.CONSENT_GIVEN))
        clock.advance(60)
        gone = a_consent(vault, clock, ada.id, change=ConsentChange.WITHDRAWN)
        other = a_consent(vault, clock, ada.id, purpose=MARKETING, call=None, at_ms=None)
        vault.consents.record((gone, other), did(Action.CONSENT_WITHDRAWN))
        assert list(vault.consents.history(ada.id)) == [given, gone, other]
        assert standing(vault.consents.history(ada.id)) == {RECORDING: gone, MARKETING: other}
        assert list(vault.consents.newest("", 9, 0)) == [(ada.name, other), (ada.name, gone)]
        assert list(vault.consents.newest(RECORDING, 9, 0)) == [(ada.name, gone)]
        assert vault.consents.counts() == {RECORDING: (0, 1), MARKETING: (1, 0)}
        unknown = a_consent(vault, clock, ContactId(new_id()))
        with pytest.raises(NotFound):
            vault.consents.record((unknown,), did(Action.CONSENT_GIVEN))

    def test_purposes_are_a_list_of_ones_own(self, vault: Vault):
        assert [p.key for p in vault.consents.purposes()] == [RECORDING, MARKETING]
        mine = [Purpose("survey", "Surveys"), Purpose(RECORDING, "Recording", in_call=True)]
        vault.consents.save_purposes(mine, did(Action.PURPOSES_CHANGED))
        assert list(vault.consents.purposes()) == mine

    # information

    def test_texts_have_versions_and_languages(self, vault: Vault, clock: FakeClock):
        english = InfoText(RECORDING, 1, "en", "We record.", clock.now(), "x")
        german = InfoText(RECORDING, 1, "de", "Wir nehmen auf.", clock.now(), "x", has_audio=True)
        newer = InfoText(RECORDING, 2, "en", "We record calls.", clock.now(), "x")
        for text, audio in ((english, b""), (german, b"OggS..."), (newer, b"")):
            vault.informing.save_text(text, audio, did(Action.TEXT_SAVED))
        assert list(vault.informing.texts()) == [newer, german, english]
        assert vault.informing.audio(RECORDING, 1, "de") == b"OggS..."
        assert vault.informing.audio(RECORDING, 9, "de") == b""
        with pytest.raises(InvalidInput):
            vault.informing.save_text(replace(english, text="Other"), b"", did(Action.TEXT_SAVED))

    def test_who_heard_what(self, vault: Vault, clock: FakeClock):
        ada = saved(vault, a_contact())
        call = a_call(vault, clock)
        vault.add_call(call, did(Action.CALL_ENDED))
        told = Informed(
            new_id(), CallId(new_id()), RECORDING, 2, "de", Told.READ_OUT, clock.now(),
            vault.user.id, vault.user.name, ada.id,
        )  # fmt: skip
        played = replace(told, id=new_id(), call=call.call, how=Told.PLAYED, contact=None)
        for one in (told, played):
            vault.informing.add(one, did(Action.PERSON_INFORMED))
        saved(vault, ada)
        assert list(vault.informing.of_contact(ada.id)) == [told, played]
        assert list(vault.informing.of_call(call.call)) == [played]
        file = vault.contact_file(ada.id, did(Action.CONTACT_EXPORTED))
        assert list(file.informed) == [told, played]

    # do not call

    def test_do_not_call_lists(self, vault: Vault, clock: FakeClock):
        made = DoNotCallList(new_id(), "Robinson 2026", clock.now(), 0)
        lists = vault.do_not_call
        count = lists.add_list(made, [NUMBER, OTHER, NUMBER], did(Action.DO_NOT_CALL_CHANGED))
        assert count == 2
        assert list(lists.lists()) == [replace(made, numbers=2)]
        assert lists.on_lists([NUMBER]) == ("Robinson 2026",)
        assert lists.on_lists(["+442079460099"]) == ()
        lists.remove_list(made.id, did(Action.DO_NOT_CALL_CHANGED))
        assert lists.on_lists([NUMBER]) == ()
        with pytest.raises(NotFound):
            lists.remove_list(made.id, did(Action.DO_NOT_CALL_CHANGED))
