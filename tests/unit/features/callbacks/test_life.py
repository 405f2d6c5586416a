"""Callbacks in any order of things."""

from __future__ import annotations

from hypothesis import settings as hypothesis_settings

from tests.unit.features.callbacks.life import CallbackLife

CallbackLife.TestCase.settings = hypothesis_settings(max_examples=25, stateful_step_count=30, deadline=None)
TestCallbackLife = CallbackLife.TestCase
