"""The scenes that ``shots`` renders: every page in every state."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QElapsedTimer
from PySide6.QtWidgets import QApplication, QDialog, QScrollArea

from softphone.domain.account import Registration, RegistrationState
from softphone.domain.call import RecordingState
from softphone.domain.contact import Contact, ContactKind
from softphone.domain.errors import StorageFailed
from softphone.domain.events import (
    AudioDevicesChanged,
    HeadsetPressed,
    HeadsetsListed,
    MicrophoneChanged,
    RecordingFailed,
    RegistrationChanged,
    RingtonesChanged,
    SoundDevicesListed,
    SoundLevels,
    SyncChanged,
    VoiceProcessingChanged,
)
from softphone.domain.headset import (
    Headset,
    HeadsetButton,
    HeadsetProblem,
    HeadsetsOff,
    Lamp,
)
from softphone.domain.ids import AccountId, CallId, ContactId, HeadsetId, RecordingId
from softphone.domain.quality import Quality
from softphone.domain.recording import GapReason
from softphone.domain.sound import Ringtone, RingtoneProblem, Silenced, SoundDevice
from softphone.domain.voice import VoiceProcessing, VoiceRule, VoiceRules
from softphone.ui.dialogs.gate import UnlockPage
from softphone.ui.dialogs.import_contacts import ImportDialog
from softphone.ui.dialogs.set_up import RecoveryPage, SetUpPage
from softphone.ui.pages.audit import AuditPage
from softphone.ui.pages.contacts import ContactsPage
from softphone.ui.pages.phone import PhonePage
from softphone.ui.pages.privacy import PrivacyPage
from softphone.ui.pages.recordings import RecordingsPage
from softphone.ui.pages.settings import SettingsPage
from softphone.ui.recovery_sheet import RecoverySheet
from softphone.ui.window import MainWindow
from softphone.vault.headers import KEYLESS
from softphone.vault.recipients import HybridIdentity
from softphone.vault.recovery_words import recovery_words
from tests.fakes import sample
from tests.fakes.office import FakeOffice
from tests.ui import people_scenes, proof_scenes, relay_scenes
from tests.ui.call_scenes import (
    eight_lines,
    never_began,
    on_a_break,
    picking,
    sent_on,
    together,
    transfer_failed,
    with_rules,
)


@dataclass
class Stage:
    """One window on stage."""

    office: FakeOffice
    window: MainWindow

    def pump(self, milliseconds: int = 40) -> None:
        timer = QElapsedTimer()
        timer.start()
        while timer.elapsed() < milliseconds:
            QApplication.processEvents()

    def page(self, key: str) -> object:
        assert self.window.shell is not None
        self.window.shell.show_page(key)
        self.pump()
        return self.window.shell.pages[key]

    def talk(self, number: str = "+48225550147") -> str:
        call = self.office.phone.ring(number)
        self.office.phone.answer(call.id)
        self.office.clock.advance(684)
        self.office.phone.change(call.id, quality=Quality(0.1, 2, 40, 0, 4.2))
        self.pump()
        assert self.window.shell is not None
        self.window.shell.panel._tick()
        return call.id


Act = Callable[[Stage], None]


def sample_office() -> FakeOffice:
    """Return an office in memory with the sample's world."""
    office = FakeOffice()
    office.world = sample.world(office.clock)
    return office


@dataclass(frozen=True)
class Scene:
    """A page in one state."""

    page: str
    state: str
    who: str | None
    act: Act
    shape: str = "desk"
    before: Act = lambda _stage: None
    office: Callable[[], FakeOffice] = sample_office
    password: str = sample.PASSWORD


def _show(key: str) -> Act:
    return lambda stage: (stage.page(key), None)[1]


def _empty(stage: Stage) -> None:
    world = stage.office.world
    assert world is not None
    world.calls.clear()
    world.contacts.clear()
    world.recordings.clear()


def _trouble(stage: Stage) -> None:
    assert stage.office.world is not None
    stage.office.world.trouble = StorageFailed(
        "The vault cannot be read.",
        "The disk reports an error at the place where the database lies.",
        "Try again; if it stays, ask your IT to check the disk.",
    )


def _loading(key: str) -> Act:
    def act(stage: Stage) -> None:
        stage.office.lane.held = True
        page = stage.page(key)
        page.reload()  # type: ignore[attr-defined]
        stage.pump(260)

    return act


def _failing(key: str) -> Act:
    def act(stage: Stage) -> None:
        _trouble(stage)
        stage.page(key).reload()  # type: ignore[attr-defined]
        stage.pump()

    return act


def _call(stage: Stage) -> None:
    if stage.window.shape == "desk":
        stage.page("history")
    stage.talk()
    shell = stage.window.shell
    assert shell is not None
    shell.panel.notes.edit.setPlainText(
        "Delivery of order 48 213 to move from Thursday to Friday 27 November, before noon. "
        "Wants a text message in the morning."
    )
    shell.panel.notes.flush()
    stage.pump()


def _call_search(stage: Stage) -> None:
    _call(stage)
    assert stage.window.shell is not None
    stage.window.shell.search.start("Mei")
    stage.pump(300)


def _call_paused(stage: Stage) -> None:
    _call(stage)
    assert stage.window.shell is not None
    call = stage.window.shell.actions_on_calls.main
    assert call is not None
    stage.office.phone.pause_recording(call.id, GapReason.CARD_PAYMENT)
    stage.office.phone.mute(call.id, True)
    stage.pump()
    stage.office.clock.advance(42)
    stage.window.shell.panel._tick()


def _call_unheard(stage: Stage) -> None:
    _call(stage)
    stage.office.phone.tell(MicrophoneChanged(silenced=Silenced.MUTED))
    stage.pump()


def _call_failed(stage: Stage) -> None:
    _call(stage)
    assert stage.window.shell is not None
    call = stage.window.shell.actions_on_calls.main
    assert call is not None
    stage.office.phone.change(call.id, recording=RecordingState.FAILED, encrypted=False)
    stage.office.phone.tell(
        RecordingFailed(
            call.id,
            RecordingId("r"),
            "The recording stopped.",
            "The disk is full.",
            "Free some space; the call goes on.",
        )
    )
    why = "The certificate of the server has expired."
    since = stage.office.clock.now()
    stage.office.phone.tell(
        RegistrationChanged(
            Registration(AccountId("account"), RegistrationState.FAILED, since, why=why)
        )
    )
    stage.office.bus.publish(SyncChanged(None, 12, "The server cannot be reached."))
    stage.pump()


def _two_calls(stage: Stage) -> None:
    stage.talk("+390655500122")
    assert stage.window.shell is not None
    first = stage.window.shell.actions_on_calls.main
    assert first is not None
    stage.office.phone.hold(first.id, True)
    stage.pump()
    stage.talk()
    stage.office.phone.ring("+353209120143")
    stage.pump()
    stage.office.clock.advance(8)
    stage.window.shell.incoming._tick()


def _incoming(stage: Stage) -> None:
    _show("history")(stage)
    stage.office.phone.ring("+353209120143")
    stage.office.clock.advance(8)
    stage.pump()
    assert stage.window.shell is not None
    stage.window.shell.incoming._tick()


def _wrap_up(stage: Stage) -> None:
    _call(stage)
    assert stage.window.shell is not None
    stage.window.shell.actions_on_calls.hang_up()
    stage.pump()


def _playing(stage: Stage) -> None:
    page = stage.page("recordings")
    assert isinstance(page, RecordingsPage)
    row = next(i for i in range(40) if (r := page.model.row(i)) and r.gaps and not r.refused)
    page.view.select_row(row)
    stage.pump()
    page.view.setFocus()
    page.player.toggle()
    stage.pump()
    recording = page.player.row
    assert recording is not None
    stage.office.player.position = int(recording.audio_ms * 0.3)
    stage.pump(200)


def _handed_on(stage: Stage) -> None:
    """In every recording the call went on with somebody else."""
    world = stage.office.world
    assert world is not None
    calls = {call.recording: call for call in world.calls.values() if call.recording}
    people = list(world.contacts.values())
    for recording in world.recordings.values():
        first = calls.get(recording.id)
        if first is None:
            continue
        person = next(p for p in people if p.id != recording.contact)
        after = CallId(f"{recording.call}-after")
        world.calls[after] = replace(
            first, call=after, contact=person.id, contact_name=person.name, number=person.numbers[0]
        )


def _refused(stage: Stage) -> None:
    page = stage.page("recordings")
    assert isinstance(page, RecordingsPage)
    row = next(i for i in range(40) if (r := page.model.row(i)) and r.refused)
    page.view.select_row(row)
    page.long.setChecked(False)
    stage.pump()


def _keyless(stage: Stage) -> None:
    """Some recordings came back from a backup without their keys."""
    assert stage.office.world is not None
    recordings = stage.office.world.recordings
    for recording in list(recordings)[::2]:
        recordings[recording] = replace(recordings[recording], refused=KEYLESS, keyless=True)


def _keyless_shown(stage: Stage) -> None:
    page = stage.page("recordings")
    assert isinstance(page, RecordingsPage)
    page.view.select_row(next(i for i in range(50) if (r := page.model.row(i)) and r.keyless))


def _audit(broken: bool) -> Act:
    def act(stage: Stage) -> None:
        page = stage.page("audit")
        assert isinstance(page, AuditPage)
        assert stage.office.world is not None
        stage.office.world.broken_at = 41 if broken else None
        page.verify()
        stage.pump()
        if not broken:
            row = next(i for i in range(40) if (r := page.model.row(i)) and r.detail)
            page.view.setFocus()
            page.view.select_row(row)
            page._open_drawer()
        stage.pump()

    return act


def _contact(stage: Stage) -> None:
    page = stage.page("contacts")
    assert isinstance(page, ContactsPage)
    page.view.select_row(0)
    stage.pump()


def _contact_dialog(stage: Stage) -> None:
    _contact(stage)
    page = stage.page("contacts")
    assert isinstance(page, ContactsPage)
    page.card.edit.click()
    stage.pump()


CSV = """Name;Firma;Mobil;E-Mail;Kundennummer;Einwilligung
Anna Kowalska;Studio Kowalska;+48 22 555 0147;anna@studio.example;4711;ja
Łucja Wiśniewska;;+48 22 555 0199;lucja@example.org;4712;
محمد عبد الله;Oasis Trading;+971 4 555 0100;;4713;24.11.2026
Nur ein Name;;keine Nummer;;4714;
;;+49 30 555 0101;;4715;nein
"""


def _contacts_of_the_world(stage: Stage) -> None:
    world = stage.office.world
    assert world is not None
    people = (
        ("محمد عبد الله", "+97145550100", "شركة الواحة"),
        ("דוד כהן", "+97235550101", ""),
        ("山田太郎", "+81355550102", "山田商店"),
    )
    for i, (name, number, company) in enumerate(people):
        contact = Contact(ContactId(f"world-{i}"), name, (number,), company=company)
        world.contacts[contact.id] = contact
    rich = Contact(
        ContactId("rich"),
        "Adler Apotheke",
        ("+493023125400", "+491715550103", "info@pbx.adler.example"),
        email="info@adler.example",
        other_emails=("bestellung@adler.example",),
        labels=("main", "mobile", "sip"),
        tags=("VIP", "wholesale"),
        language="de",
        kind=ContactKind.COMPANY,
        created_at=stage.office.clock.now(),
    )
    world.contacts[rich.id] = rich
    first = world.contacts[ContactId("contact-0")]
    world.contacts[first.id] = replace(first, employer=rich.id)
    world.contacts[ContactId("twin")] = replace(
        first, id=ContactId("twin"), name="Kowalska, Anna", company="", email="ak@example.org"
    )


def _contacts_page(stage: Stage) -> ContactsPage:
    page = stage.page("contacts")
    assert isinstance(page, ContactsPage)
    return page


def _import(step: str) -> Act:
    def act(stage: Stage) -> None:
        folder = Path(tempfile.mkdtemp())
        (folder / "Kunden.csv").write_text(CSV, "utf-8")
        page = _contacts_page(stage)
        page.import_file.click()
        stage.pump()
        dialog = page.findChild(ImportDialog)
        assert dialog is not None
        if step == "file":
            return
        dialog.open_file(folder / "Kunden.csv")
        stage.pump()
        if step in ("checked", "done"):
            dialog.duplicates.setCurrentIndex(2)
            dialog.begin_check()
            stage.pump(120)
        if step == "done":
            dialog.begin_run()
            stage.pump(120)

    return act


def _duplicates(stage: Stage) -> None:
    page = _contacts_page(stage)
    page.duplicates.click()
    stage.pump(80)


def _hand_out(stage: Stage) -> None:
    _contacts_page(stage).export.click()
    stage.pump()


def _consent_dialog(stage: Stage) -> None:
    _contact(stage)
    _contacts_page(stage).card._change_consents()
    stage.pump()


def _section(key: str, *, failing: bool = False) -> Act:
    def act(stage: Stage) -> None:
        page = stage.page("privacy")
        assert isinstance(page, PrivacyPage)
        if failing:
            _trouble(stage)
        page.show_section(key)
        stage.pump(60)

    return act


def _text_dialog(stage: Stage) -> None:
    _section("information")(stage)
    page = stage.page("privacy")
    assert isinstance(page, PrivacyPage)
    page.sections["information"].add.click()  # type: ignore[attr-defined]
    stage.pump()


def _no_consents(stage: Stage) -> None:
    world = stage.office.world
    assert world is not None
    world.consents.clear()
    world.texts.clear()
    world.do_not_call.clear()


def _withdrawn(stage: Stage) -> None:
    _call(stage)
    assert stage.window.shell is not None
    strip = stage.window.shell.panel.consents
    strip.toggle("recording")
    stage.pump()
    strip.toggle("recording")
    stage.pump(80)


def _shared(stage: Stage) -> None:
    world = stage.office.world
    assert world is not None
    first = world.contacts[ContactId("contact-0")]
    other = replace(first, id=ContactId("other"), name="Piotr Kowalski", email="")
    world.contacts[other.id] = other
    _call(stage)


def _read_out(stage: Stage) -> None:
    _call(stage)
    assert stage.window.shell is not None
    stage.window.shell.panel.consents.read_out.click()
    stage.pump()


def _marketing(stage: Stage) -> None:
    page = stage.page("phone")
    assert isinstance(page, PhonePage)
    page.pad.marketing.switch.setChecked(True)
    page.pad.line.setText("+442079460552")
    page.pad.dial()
    stage.pump(80)


def _erase(presses: int) -> Act:
    def act(stage: Stage) -> None:
        _contact(stage)
        page = stage.page("contacts")
        assert isinstance(page, ContactsPage)
        page.card.erase.click()
        stage.pump()
        for _ in range(presses):
            dialog = page.findChild(QDialog)
            assert dialog is not None
            dialog.erase.click()  # type: ignore[attr-defined]
            stage.pump()

    return act


def _settings(section: str) -> Act:
    def act(stage: Stage) -> None:
        page = stage.page("settings")
        assert isinstance(page, SettingsPage)
        page.show_section(section)
        stage.pump()

    return act


def _settings_below(section: str) -> Act:
    """The end of a section that is longer than the window."""

    def act(stage: Stage) -> None:
        _settings(section)(stage)
        for area in stage.page("settings").findChildren(QScrollArea):
            if area.isVisible():
                area.verticalScrollBar().setValue(area.verticalScrollBar().maximum())
        stage.pump()

    return act


HEADSET, LAPTOP = SoundDevice("jabra", "Jabra Evolve2 65"), SoundDevice("laptop", "Laptop speakers")

_HELPING = Headset(
    HeadsetId("j"),
    "Jabra Evolve2 65",
    (HeadsetButton.HOOK, HeadsetButton.MUTE, HeadsetButton.FLASH, HeadsetButton.REJECT),
    tuple(Lamp),
)
_CLOSED = Headset(HeadsetId("y"), "Yealink WH62", problem=HeadsetProblem.NO_PERMISSION)
HEADSETS = HeadsetsListed((_HELPING, _CLOSED))
HEADSETS_THAT_HELP = HeadsetsListed((_HELPING,))


def _sound(*, loud: bool = False) -> Act:
    why = Silenced.MUTED if loud else Silenced.NO
    second = SoundDevice("desk", "Desk speaker") if loud else HEADSET
    problem = Ringtone("Alarm.mp3", problem=RingtoneProblem.NO_SOUND_FILE)
    own = (Ringtone("Two soft bells.ogg"),)
    rings = RingtonesChanged(50 if loud else 100, own, problem if loud else None)

    def act(stage: Stage) -> None:
        _settings("devices")(stage)
        chosen = (HEADSET, HEADSET, LAPTOP, second)
        listed = SoundDevicesListed((HEADSET, LAPTOP), (HEADSET, LAPTOP), *chosen)
        stage.office.phone.tell(listed)
        names = (HEADSET.name, HEADSET.name, LAPTOP.name)
        stage.office.phone.tell(AudioDevicesChanged(*names, "" if loud else HEADSET.name))
        stage.office.phone.tell(MicrophoneChanged(12.0 if loud else 0.0, why))
        stage.office.phone.tell(rings)
        stage.office.phone.tell(HEADSETS_THAT_HELP if loud else HEADSETS)
        stage.office.phone.tell(HeadsetPressed("Jabra Evolve2 65", HeadsetButton.MUTE))
        stage.pump()
        stage.office.phone.tell(SoundLevels(-9.0, -14.0, -90.0))
        stage.pump()
        stage.office.phone.tell(SoundLevels(-2.4 if loud else -18.0, -24.0, -90.0, loud))
        stage.pump()

    return act


def _no_sound(stage: Stage) -> None:
    _settings("devices")(stage)
    stage.office.phone.tell(HeadsetsListed(off=HeadsetsOff.POLICY))
    stage.office.phone.tell(SoundDevicesListed((), (), HEADSET))
    stage.office.phone.tell(AudioDevicesChanged("", "", ""))
    rules = VoiceRules(automatic_gain=VoiceRule.OFF, echo_cancellation=VoiceRule.ON)
    stage.office.phone.tell(VoiceProcessingChanged(VoiceProcessing(), rules, "no such library"))
    stage.pump()


def _sheet(stage: Stage) -> None:
    assert stage.window.shell is not None
    stage.window.shell.show_sheet()
    stage.pump()


def _wrong_password(stage: Stage) -> None:
    page = stage.window.centralWidget()
    assert isinstance(page, UnlockPage)
    page.name.setText(sample.AGENT)
    page.password.line.setText("wrong")
    page.password.caps.show()
    page.submit()
    stage.pump()
    page.password.caps.show()


def _set_up(stage: Stage) -> None:
    page = stage.window.centralWidget()
    assert isinstance(page, SetUpPage)
    page.name.setText("Sofia Marinova")
    page.submit()


def _recovery(stage: Stage) -> None:
    key = str(HybridIdentity(bytes(range(32))))
    sheet = RecoverySheet(key, recovery_words(key), "NORTH-12", "26 November 2026")
    stage.window._show(RecoveryPage(sheet))


def _no_world(stage: Stage) -> None:
    stage.office.world = None


def _idle(_stage: Stage) -> None:
    return


S, A, D, R = sample.SUPERVISOR, sample.AGENT, sample.OFFICER, sample.ADMINISTRATOR
SCENES: tuple[Scene, ...] = (
    Scene("unlock", "full", None, _idle),
    Scene("unlock", "wrong", None, _wrong_password),
    Scene("unlock", "locked", A, people_scenes.locked),
    Scene("unlock", "locked-phone", A, people_scenes.locked, "phone"),
    Scene("settings", "workplace", D, _settings("workplace")),
    Scene("unlock", "phone", None, _wrong_password, "phone"),
    Scene("setup", "full", None, _set_up, before=_no_world),
    Scene("setup", "recovery", None, _recovery),
    Scene("phone", "full", A, _show("phone")),
    Scene("phone", "empty", A, _show("phone"), before=_empty),
    Scene("phone", "error", A, _failing("phone")),
    Scene("phone", "shape", A, _idle, "phone"),
    Scene("call", "on", A, _call),
    Scene("call", "search", A, _call_search),
    Scene("call", "paused", A, _call_paused),
    Scene("call", "failed", A, _call_failed),
    Scene("call", "unheard", A, _call_unheard),
    Scene("call", "wrapup", A, _wrap_up),
    Scene("duty", "break", A, on_a_break, before=with_rules),
    Scene("duty", "transfer", A, picking, before=with_rules),
    Scene("duty", "shape", A, on_a_break, "phone", before=with_rules),
    Scene("duty", "shape-transfer", A, picking, "phone", before=with_rules),
    Scene("duty", "refused", A, never_began),
    Scene("lines", "together", A, together),
    Scene("lines", "eight", A, eight_lines),
    Scene("lines", "shape-together", A, together, "phone"),
    Scene("lines", "transfer-failed", A, transfer_failed, before=with_rules),
    Scene("lines", "sent-on", A, sent_on),
    Scene("lines", "incoming", A, _incoming),
    Scene("lines", "shape-two", A, _two_calls, "phone"),
    Scene("duty", "rules", sample.ADMINISTRATOR, _settings("calls"), before=with_rules),
    Scene("duty", "rules-below", sample.ADMINISTRATOR, _settings_below("calls"), before=with_rules),
    Scene("duty", "account", sample.ADMINISTRATOR, _settings("account"), before=with_rules),
    Scene("duty", "rules-agent", A, _settings("calls")),
    Scene("call", "shape-paused", A, _call_paused, "phone"),
    Scene("call", "shape-unheard", A, _call_unheard, "phone"),
    Scene("history", "full", S, _show("history")),
    Scene("history", "empty", S, _show("history"), before=_empty),
    Scene("history", "loading", S, _loading("history")),
    Scene("history", "error", S, _failing("history")),
    Scene("contacts", "full", S, _contact),
    Scene("contacts", "agent", A, _contact),
    Scene("contacts", "empty", S, _show("contacts"), before=_empty),
    Scene("contacts", "loading", S, _loading("contacts")),
    Scene("contacts", "error", S, _failing("contacts")),
    Scene("contacts", "dialog", S, _contact_dialog),
    Scene("contacts", "erase", S, _erase(0)),
    Scene("contacts", "erase-others", S, _erase(0), before=_handed_on),
    Scene("contacts", "erase-asked", S, _erase(1)),
    Scene("contacts", "erase-done", S, _erase(2)),
    Scene("contacts", "world", S, _contact, before=_contacts_of_the_world),
    Scene("contacts", "import-file", S, _import("file")),
    Scene("contacts", "import-mapping", S, _import("mapping")),
    Scene("contacts", "import-checked", S, _import("checked")),
    Scene("contacts", "import-done", S, _import("done")),
    Scene("contacts", "duplicates", S, _duplicates, before=_contacts_of_the_world),
    Scene("contacts", "duplicates-none", S, _duplicates),
    Scene("contacts", "hand-out", S, _hand_out),
    Scene("contacts", "consent", S, _consent_dialog),
    Scene("call", "withdrawn", S, _withdrawn),
    Scene("call", "shared", A, _shared),
    Scene("call", "read-out", A, _read_out),
    Scene("phone", "marketing", S, _marketing),
    Scene("phone", "marketing-agent", A, _marketing),
    Scene("privacy", "consents", D, _section("consents")),
    Scene("privacy", "consents-empty", D, _section("consents"), before=_no_consents),
    Scene("privacy", "consents-error", D, _section("consents", failing=True)),
    Scene("privacy", "information", D, _section("information")),
    Scene("privacy", "information-empty", D, _section("information"), before=_no_consents),
    Scene("privacy", "information-text", D, _text_dialog),
    Scene("privacy", "do-not-call", D, _section("do-not-call")),
    Scene("privacy", "do-not-call-empty", D, _section("do-not-call"), before=_no_consents),
    Scene("recordings", "full", S, _playing),
    Scene("recordings", "handed-on", S, _playing, before=_handed_on),
    Scene("recordings", "refused", S, _refused),
    Scene("recordings", "keyless", S, _keyless_shown, before=_keyless),
    Scene("recordings", "empty", S, _show("recordings"), before=_empty),
    Scene("recordings", "loading", S, _loading("recordings")),
    Scene("recordings", "error", S, _failing("recordings")),
    Scene("audit", "full", S, _audit(False)),
    Scene("audit", "broken", S, _audit(True)),
    Scene("audit", "about", S, proof_scenes.about),
    Scene("audit", "exported", S, proof_scenes.exported),
    Scene("audit", "exporting", S, proof_scenes.exporting),
    Scene("audit", "compared", S, proof_scenes.compared),
    Scene("audit", "compared-whole", S, proof_scenes.compared_and_whole),
    Scene("settings", "fleet", S, proof_scenes.fleet(follows=False)),
    Scene("settings", "fleet-follows", S, proof_scenes.fleet(follows=True)),
    Scene("recordings", "relayed", S, relay_scenes.relayed),
    Scene("recordings", "send", S, relay_scenes.send),
    Scene("recordings", "delete", S, people_scenes.delete),
    Scene("recordings", "deleting", S, people_scenes.deleting),
    Scene("recordings", "score", S, people_scenes.score),
    Scene("recordings", "download", D, people_scenes.download),
    Scene("recordings", "filter", S, people_scenes.narrow),
    Scene("administration", "people", R, people_scenes.people),
    Scene("administration", "invite", R, people_scenes.invite),
    Scene("administration", "invited", R, people_scenes.invited),
    Scene("administration", "roles", R, people_scenes.roles),
    Scene("administration", "role", R, people_scenes.role),
    Scene("administration", "own-password", R, people_scenes.own_password),
    Scene("audit", "loading", S, _loading("audit")),
    Scene("audit", "error", S, _failing("audit")),
    Scene("settings", "appearance", S, _settings("appearance")),
    Scene("settings", "account", D, _settings("account")),
    Scene("settings", "account-refused", A, _settings("account")),
    Scene("settings", "devices", S, _sound(), before=with_rules),
    Scene("settings", "devices-below", S, _settings_below("devices")),
    Scene("settings", "devices-loud", A, _sound(loud=True)),
    Scene("settings", "devices-none", A, _no_sound),
    Scene("settings", "keyboard", S, _settings("keyboard")),
    Scene("settings", "about", S, _settings("about")),
    Scene("sheet", "full", S, _sheet),
)
