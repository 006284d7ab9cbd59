from __future__ import annotations

from softphone.domain.audit import ACTION_WORDS, Action, AuditDraft, DataCategory, Result


def test_every_action_has_words_and_no_two_are_the_same():
    assert set(ACTION_WORDS) == set(Action)
    assert len({a.value for a in Action}) == len(Action)
    assert all(words[0].isupper() for words in ACTION_WORDS.values())


def test_a_draft_is_the_devices_and_done_unless_said_otherwise():
    draft = AuditDraft(Action.SIGNED_OUT, DataCategory.SIGN_IN)
    assert (draft.actor, draft.result, draft.detail) == (None, Result.DONE, {})
    assert draft.detail is not AuditDraft(Action.SIGNED_OUT, DataCategory.SIGN_IN).detail
