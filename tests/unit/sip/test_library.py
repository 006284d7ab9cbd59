from __future__ import annotations

from softphone.domain import phone_build
from softphone.sip import library


def test_what_a_policy_may_name_is_what_the_library_is_asked_for():
    assert set(phone_build.CODECS) == set(library.CODECS)
    assert set(phone_build.CODECS_EVERYWHERE) <= set(library.CODECS)
