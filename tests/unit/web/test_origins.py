"""Where a request comes from, and the tokens of forms."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcentre.web.origins import csrf_token, is_csrf_token, local_path

SECRET = "0123456789abcdef"


def test_each_token_of_a_session_is_another_and_each_is_valid() -> None:
    tokens = {csrf_token(SECRET) for _ in range(20)}
    assert len(tokens) == 20
    assert all(is_csrf_token(token, SECRET) for token in tokens)


def test_a_token_of_another_session_is_refused() -> None:
    assert not is_csrf_token(csrf_token("another"), SECRET)


def test_without_a_secret_no_token_is_valid() -> None:
    assert not is_csrf_token(csrf_token(""), "")


@given(st.text(max_size=80))
def test_no_other_text_is_a_token(text: str) -> None:
    assert not is_csrf_token(text, SECRET)


@pytest.mark.parametrize(
    ("wanted", "path"),
    [
        ("/callbacks?service=a", "/callbacks?service=a"),
        (None, "/"),
        ("", "/"),
        ("callbacks", "/"),
        ("//elsewhere.example", "/"),
        ("/\\elsewhere.example", "/"),
        ("/\t/elsewhere.example", "/"),
        ("/a\\b", "/"),
        ("https://elsewhere.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("/\r\nSet-Cookie: a=b", "/"),
    ],
)
def test_only_a_path_of_ours_is_gone_to(wanted: str | None, path: str) -> None:
    assert local_path(wanted) == path
