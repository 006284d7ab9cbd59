from __future__ import annotations

from dataclasses import replace

from softphone.app.state import PhoneState, SignedInUser, reduce
from softphone.domain.account import Registration, RegistrationState
from softphone.domain.call import Call, CallState, Direction
from softphone.domain.events import (
    AudioDevicesChanged,
    CallChanged,
    CallForgotten,
    EngineEnded,
    EngineStarted,
    HeadsetsListed,
    HistoryChanged,
    PhoneBuilt,
    RecordingFailed,
    RegistrationChanged,
    SignedIn,
    SignedOut,
    SoundCounted,
    SoundDevicesListed,
    SyncChanged,
    VoiceProcessingChanged,
    WorkstationLeft,
)
from softphone.domain.headset import Headset
from softphone.domain.ids import HeadsetId
from softphone.domain.phone_build import PhoneBuild
from softphone.domain.sound import SoundDevice, SoundHealth
from softphone.domain.voice import VoiceProcessing, VoiceRules
from tests.fakes.clock import START

CALL = Call("c1", "a1", Direction.OUTGOING, CallState.DIALLING, "201")
REGISTRATION = Registration("a1", RegistrationState.REGISTERED, START)


def after(*events) -> PhoneState:
    state = PhoneState()
    for event in events:
        state = reduce(state, event)
    return state


def test_signing_in_and_out():
    signed_in = SignedIn("u1", "Ann", "agent", "sales")
    state = after(EngineStarted(1, False), signed_in)
    assert state.user == SignedInUser("u1", "Ann", "agent", "sales")
    assert after(EngineStarted(1, False), signed_in, SignedOut()) == PhoneState(engine_running=True)


def test_what_the_engine_does_goes_on_while_nobody_is_signed_in():
    events = (EngineStarted(1, False), CallChanged(CALL), RegistrationChanged(REGISTRATION))
    synced = SyncChanged(START, 3, "late")
    assert after(*events, synced, SignedIn("u1", "Ann", "agent", "sales"), SignedOut()) == after(
        *events
    )
    assert after(*events, WorkstationLeft()) == PhoneState(engine_running=True)


def test_calls_come_change_and_go():
    ended = replace(CALL, state=CallState.ENDED)
    assert after(CallChanged(CALL)).live_calls == (CALL,)
    assert after(CallChanged(CALL), CallChanged(ended)).live_calls == ()
    failed = RecordingFailed("c1", "r1", "Recording failed.", "The disk is full.", "")
    state = after(CallChanged(CALL), failed)
    assert state.recording_problems == {"c1": "Recording failed. The disk is full."}
    gone = reduce(state, CallForgotten("c1"))
    assert (gone.calls, gone.recording_problems) == ({}, {})


def test_the_engine_comes_and_goes():
    state = after(
        EngineStarted(1, False),
        RegistrationChanged(REGISTRATION),
        CallChanged(CALL),
        EngineEnded("killed"),
    )
    assert (state.engine_running, state.engine_problem) == (False, "killed")
    assert (state.calls, state.registrations) == ({}, {})
    assert reduce(state, EngineStarted(2, True)).engine_problem == ""


def test_devices_and_synchronisation():
    state = after(AudioDevicesChanged("mic", "ear"), SyncChanged(START, 3), SyncChanged(None, 4))
    assert (state.microphone, state.speaker) == ("mic", "ear")
    listed = SoundDevicesListed((SoundDevice("m", "mic"),), ())
    kept = after(listed, AudioDevicesChanged("mic", "ear", "bell"), SignedOut())
    assert (kept.devices, kept.ringer, kept.user) == (listed, "bell", None)
    assert (state.sync_confirmed_at, state.sync_waiting) == (START, 4)


def test_the_voice_and_the_counters_of_sound():
    voice = VoiceProcessingChanged(VoiceProcessing(), VoiceRules(), "gone")
    counted = SoundCounted(SoundHealth(speaker_gaps=2))
    state = after(voice, counted, SignedOut())
    assert (state.voice, state.sound.trouble) == (voice, 2)


def test_what_the_phone_can_do_outlasts_a_sign_out():
    build = PhoneBuild("PJSIP 2.17", 8, ipv6_sound=True)
    assert PhoneState().build.lines == 4
    assert after(PhoneBuilt(build), SignedOut()).build == build


def test_what_changes_nothing_gives_the_same_object():
    state = PhoneState()
    assert reduce(state, HistoryChanged(frozenset({"calls"}))) is state


def test_headsets_outlast_a_sign_out_but_not_the_phone():
    listed = HeadsetsListed((Headset(HeadsetId("1"), "Jabra"),))
    assert after(listed).headsets == listed
    assert after(listed, SignedOut()).headsets == listed
    assert after(listed, EngineEnded("gone")).headsets == HeadsetsListed()
