"""Surveys: people are asked after an answered call how it went, and their answers are stored."""

from callcentre.features.surveys import model as surveys
from callcentre.features.surveys import tables
from callcentre.features.surveys.answering import Answering
from callcentre.features.surveys.asking import Asking
from callcentre.features.surveys.events import SurveyFilledIn
from callcentre.kernel.event import TimerDue
from callcentre.kernel.feature import Feature, Shelf, WrittenOnly
from callcentre.messaging import model as texts
from callcentre.messaging.facts import NumberOptedOut, SmsAccepted, SmsDelivered, SmsFailed, SmsRefused
from callcentre.telephony.queue_view import model as calls
from callcentre.world import World


def feature(world: World) -> Feature:
    """The component of the surveys."""
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
            TimerDue: (asking.due,),
            SmsAccepted: (asking.sent,),
            SmsDelivered: (asking.sent,),
            SmsRefused: (asking.not_sent,),
            SmsFailed: (asking.not_sent,),
            NumberOptedOut: (asking.opted_out,),
            texts.AnswerReceived: (answering.received,),
            SurveyFilledIn: (answering.filled_in,),
        },
    )
