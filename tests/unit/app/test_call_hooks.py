"""What other programs are told: each moment once, and a value is never syntax."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softphone.app.call_hooks import CallHooks, fill_arguments, fill_url
from softphone.domain.call import Call, CallState, Direction, Disposition
from softphone.domain.call_policy import CallPolicy
from softphone.domain.ids import AccountId, CallId

RINGING = Call(CallId("c"), AccountId("a"), Direction.INCOMING, CallState.INCOMING, "+4930")
TALKING = replace(RINGING, state=CallState.ESTABLISHED, established_at=datetime.now(UTC))
ENDED = replace(TALKING, state=CallState.ENDED, disposition=Disposition.ANSWERED)
RULES = CallPolicy(
    url_template="https://crm.example/?n={number}&who={name}", hook=("crm", "{event}", "{number}")
)


class Noting:
    def __init__(self) -> None:
        self.opened: list[str] = []
        self.started: list[tuple[str, ...]] = []

    def open(self, url: str) -> None:
        self.opened.append(url)

    def start(self, arguments: tuple[str, ...]) -> None:
        self.started.append(arguments)


def test_each_moment_is_told_once():
    runner = Noting()
    hooks = CallHooks(runner)
    for call in (RINGING, RINGING, TALKING, replace(TALKING, muted=True), ENDED):
        hooks.follow(call, RULES, "Anna")
    assert [a[1] for a in runner.started] == ["ring", "answer", "end"]
    assert runner.opened == ["https://crm.example/?n=%2B4930&who=Anna"]


@pytest.mark.parametrize(("when", "count"), [("ring", 1), ("answer", 1), ("end", 1), ("never", 0)])
def test_the_address_opens_at_the_moment_of_the_policy(when: str, count: int):
    runner = Noting()
    hooks = CallHooks(runner)
    for call in (RINGING, TALKING, ENDED):
        hooks.follow(call, replace(RULES, url_when=when), "Anna")
    assert len(runner.opened) == count


def test_dialling_is_no_moment_yet():
    runner = Noting()
    CallHooks(runner).follow(replace(RINGING, state=CallState.DIALLING), RULES, "")
    assert runner.started == []


@given(st.text())
def test_a_value_stays_a_value_in_an_address(name: str):
    url = fill_url("https://crm.example/a?who={name}&end=1", {"name": name})
    assert "\n" not in url
    parts = urlsplit(url)
    assert (parts.netloc, parts.path, parts.fragment) == ("crm.example", "/a", "")
    given_back = parse_qs(parts.query, keep_blank_values=True, errors="surrogatepass")
    assert set(given_back) == {"who", "end"}


@given(st.text())
def test_a_value_stays_one_argument(name: str):
    filled = fill_arguments(("crm", "{name}", "--who={name}"), {"name": name})
    assert len(filled) == 3
    assert filled[0] == "crm"
    assert not filled[1].startswith("-")
    assert filled[2] == f"--who={name}"


def test_control_characters_of_a_caller_go():
    runner = Noting()
    rules = CallPolicy(hook=("crm", "{name}"))
    CallHooks(runner).follow(RINGING, rules, "A\nB\x00C\x1b[2J")
    assert runner.started == [("crm", "ABC[2J")]
