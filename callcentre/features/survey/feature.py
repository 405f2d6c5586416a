"""Surveys: asking people after an answered call how it went, and taking down what they say."""

from callcentre.domain import calls, events, facts, surveys, texts
from callcentre.domain.world import World
from callcentre.engine.feature import Feature, Shelf, WrittenOnly
from callcentre.features.survey import tables
from callcentre.features.survey.answering import Answering
from callcentre.features.survey.asking import Asking


def feature(world: World) -> Feature:
    """The room of the surveys."""
    asking = Asking(world)
    answering = Answering(world, asking)
    return Feature(
        name="survey",
        shelves=(
            Shelf(surveys.Survey, world.surveys, tables.surveys),
            Shelf(surveys.LastAsked, world.surveys, tables.last_asked),
            Shelf(surveys.SurveyAnswer, WrittenOnly(), tables.answers, read_back=False),
        ),
        rules={
            calls.CallOver: (asking.over,),
            events.TimerDue: (asking.due,),
            facts.SmsAccepted: (asking.sent,),
            facts.SmsDelivered: (asking.sent,),
            facts.SmsRefused: (asking.not_sent,),
            facts.SmsFailed: (asking.not_sent,),
            facts.NumberOptedOut: (asking.opted_out,),
            texts.AnswerReceived: (answering.received,),
            events.SurveyFilledIn: (answering.filled_in,),
        },
    )
