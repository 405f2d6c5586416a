"""The addresses of surveys: the page, and the results of outside surveys."""

from __future__ import annotations

from collections.abc import Iterator

from callcentre.features.surveys.answering import is_taken
from callcentre.features.surveys.model import Answered, Surveys
from callcentre.features.surveys.outside import api, page
from callcentre.features.surveys.ports import OpenSurvey, SurveyPorts
from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.web.ports import WebPorts
from callcentre.web.routes import Route


def routes(ports: WebPorts, surveys: Surveys, in_force: SettingsInForce) -> Iterator[Route]:
    """The routes of surveys."""

    def found(token: str) -> OpenSurvey | None:
        survey = surveys.of_token(token)
        if survey is None:
            return None
        settings = in_force.settings
        service = settings.services.get(survey.service)
        return OpenSurvey(
            survey=survey.survey,
            of=survey.service,
            service={} if service is None else {str(language): name for language, name in service.name.items()},
            language=settings.language if service is None else service.language,
            answered=isinstance(survey.state, Answered),
        )

    of_surveys = SurveyPorts(
        found=found, taken=lambda event: is_taken(surveys, event), language=lambda: in_force.settings.language
    )
    yield from api.routes(ports, of_surveys)
    yield from page.routes(ports, of_surveys)
