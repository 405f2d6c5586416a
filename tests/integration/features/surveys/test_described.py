"""Requests that Schemathesis makes of the description of `/api`, as described and not: the answers are as described.

400 means that a request is not as described; any other answer in the description may come to one that is. So a client
that checks its requests against the description never gets 400, and is told by 409 and 422 what no schema can say, such
as which numbers may be dialled.
"""

from __future__ import annotations

import asyncio
from contextlib import nullcontext, suppress
from itertools import product
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.core.parameters import ParameterLocation

from tests.integration.features.surveys.served import SURVEY, Served
from tests.testbed.configuration import TOKEN

EXAMPLES = 5
"""Requests to each operation, in each of the two modes, with and without what is known here."""


def configured(top: dict[str, Any]) -> SchemathesisConfig:
    """What may be answered to a request that is as described: all that the description has, but 400."""
    return SchemathesisConfig.from_dict(
        {
            # A parameter that nobody described is left alone, as in every address. Tokens have tests of their own.
            "generation": {"allow-extra-parameters": False, "with-security-parameters": False},
            "operations": [
                {
                    "include-name": f"{method.upper()} {path}",
                    "checks": {
                        "positive_data_acceptance": {
                            "expected-statuses": sorted(set(operation["responses"]) - {"400"})
                        },
                        # A request may be too long before it is anything else.
                        "negative_data_rejection": {
                            "expected-statuses": sorted(each for each in operation["responses"] if each >= "400")
                        },
                        "ignored_auth": {"enabled": False},
                    },
                }
                for path, operations in top["paths"].items()
                for method, operation in operations.items()
                if method != "parameters"
            ],
        }
    )


def tried(top: dict[str, Any], url: str) -> set[tuple[str, int]]:
    """Try every operation; the answers that came. Raises what Schemathesis finds."""
    seen: set[tuple[str, int]] = set()
    schema = schemathesis.openapi.from_dict(top, config=configured(top))

    def of(operation: Any, mode: GenerationMode, known: bool) -> None:
        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(
            max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        def answers(case: Any) -> None:
            if known:
                _as_it_is_known(case)
            response = case.call(base_url=url, headers={"Authorization": f"Bearer {TOKEN}"})
            seen.add((operation.label, response.status_code))
            case.validate_response(response)

        # Nothing but a token can be wrong in a request without a body whose parameters may be any text.
        with suppress(Unsatisfiable) if mode is GenerationMode.NEGATIVE else nullcontext():
            answers()

    found: Any = schema.get_all_operations()
    for operation in found:
        for mode, known in product(GenerationMode, (False, True)):
            of(operation.ok(), mode, known)
    return seen


def _as_it_is_known(case: Any) -> None:
    """Chance finds neither a number that may be dialled nor the token of a survey.

    That each question is answered once is in the description, but in words: no schema can say it.
    """
    assert case.meta is not None
    body = case.meta.components.get(ParameterLocation.BODY)
    if body is not None and body.mode is GenerationMode.POSITIVE:
        sent: Any = case.body
        match sent:
            case {"number": _}:
                sent |= {"number": "0401112222", "service": "support"}
            case {"answers": answers}:
                for place, each in enumerate(answers):
                    each["question"] = f"{each['question'][:58]}{place}"
    if "token" in case.path_parameters and body is not None:
        case.path_parameters["token"] = SURVEY


async def test_every_answer_to_every_request_is_as_described(served: Served) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    top = (await served.ask("GET", "/api/openapi.json", headers=headers)).json
    seen = await asyncio.to_thread(tried, top, served.url)
    assert {("POST /api/callbacks", 201), ("POST /api/callbacks", 400), ("POST /api/callbacks", 422)} <= seen
    assert {("POST /api/surveys/{token}", 200), ("POST /api/surveys/{token}", 400)} <= seen
    assert not [answer for answer in seen if answer[1] >= 500]
