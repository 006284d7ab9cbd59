from __future__ import annotations

from softphone.server.tokens import hash_token, matches, new_token


def test_tokens_are_long_and_differ():
    tokens = {new_token() for _ in range(50)}
    assert len(tokens) == 50
    assert all(len(token) >= 43 for token in tokens)


def test_a_token_matches_its_own_hash_only():
    token = new_token()
    assert matches(token, hash_token(token))
    assert not matches(new_token(), hash_token(token))
    assert not matches("", hash_token(token))
    assert token not in hash_token(token)


def test_a_token_can_be_an_argument_on_a_command_line():
    assert all(token.isalnum() and len(token) == 64 for token in (new_token() for _ in range(200)))
