"""One mistake after another, put into the shipped file: what is said of it, and where."""
# ruff: noqa: E501, a table is read by its rows

from pathlib import Path

import pytest

from callcentre.config.read import ConfigurationError
from callcentre.configuration import parse
from tests.unit.config.files import changed, marked

REPLY = '  reply_number: "+358451234567"'

# Each line: what is in the shipped file, what is there instead with «the place», and the mistake.
MISTAKES = [
    ("min_wait: 5m", "«min_wiat»: 5m", "services.support.callback.offer.min_wiat: unknown key; did you mean min_wait?"),
    ("store:", "«stroe»:", "stroe: unknown key; did you mean store?"),
    ("level: info", "level: info\n  «colour»: red", "log.colour: unknown key; known here are level, format and file"),
    ("level: info", "level: «inof»", 'log.level: must be debug, info, warning or error, not "inof"; did you mean info?'),
    ("level: info", "level: info\n  «level»: debug", "log.level: is here twice, first in line 23; keep one of the two"),
    ("level: info", "level: «[info]»", "log.level: needs debug, info, warning or error, but is a list"),
    ("level: info", "level:« »", "log.level: needs debug, info, warning or error, but nothing is written"),
    ("url: http://127.0.0.1:8088/ari", "url: «127.0.0.1:8088/ari»", "ari.url: is not an http or https URL; write e.g. http://127.0.0.1:8088/ari"),
    ("url: http://127.0.0.1:8088/ari", "url: «http://[::1/ari»", "ari.url: is not an http or https URL; write e.g. http://127.0.0.1:8088/ari"),
    ("url: http://127.0.0.1:8088/ari", "url: «http://u:p@host/ari»", "ari.url: must not hold a user name or password: they have keys of their own"),
    ("url: http://127.0.0.1:8088/ari", "url: «http://host/ari?x=1»", "ari.url: must end with its path: what follows ? or # is added by the daemon"),
    ("app: callcentre ", "app: «call centre» ", 'ari.app: is not a name for an application: "call centre"; use at most 60 of A-Z a-z 0-9 _ and -'),
    (
        "url: sqlite:///callcentre.db", "url: «mysql://x/y»",
        "store.url: is not a known database; write sqlite:///FILE or "
        "postgresql+psycopg://USER:PASSWORD@HOST/DATABASE",
    ),
    (
        "url: sqlite:///callcentre.db", "url: «postgresql://x/y»",
        'store.url: begins with "postgresql"; write postgresql+psycopg://USER:PASSWORD@HOST/DATABASE',
    ),
    (
        "url: sqlite:///callcentre.db", "url: «postgresql+psycopg:///y»",
        "store.url: names no server; write postgresql+psycopg://USER:PASSWORD@HOST/DATABASE",
    ),
    (
        "url: sqlite:///callcentre.db", "url: «postgresql+psycopg://x»",
        "store.url: names no database; write postgresql+psycopg://USER:PASSWORD@HOST/DATABASE",
    ),
    ("listen: 127.0.0.1:8090", "listen: «8090»", 'http.listen: is not an address to listen on: "8090"; write host:port, e.g. 127.0.0.1:8090'),
    ("listen: 127.0.0.1:8090", "listen: 127.0.0.1:8090\n  trusted_proxies: [«10.0.0.1/8»]", 'http.trusted_proxies[0]: is an address within a network: "10.0.0.1/8"; write 10.0.0.1, or 10.0.0.0/8 for all of it'),
    ("listen: 127.0.0.1:8090", "listen: 127.0.0.1:8090\n  trusted_proxies: [127.0.0.1, «proxy.example.fi»]", 'http.trusted_proxies[1]: is not an address of a proxy: "proxy.example.fi"; write an IP address such as 127.0.0.1, or a network such as 10.0.0.0/24'),
    ("listen: 127.0.0.1:8090", "listen: «127.0.0.1:80900»", "http.listen: has no such port: 80900; the highest is 65535"),
    ("timezone: Europe/Helsinki", "timezone: «Europe/Helsinky»", 'timezone: is not a timezone: "Europe/Helsinky"; did you mean Europe/Helsinki?'),
    ("region: FI ", "region: «FIN» ", 'region: is not a region: "FIN"; write its two letters, e.g. FI'),
    ("language: fi                      #", "language: «de»  #", 'language: must be en, fi or sv, not "de"'),
    ("gateway: kannel ", "gateway: «46elk» ", 'sms.gateway: must be kannel, 46elks, twilio or console, not "46elk"; did you mean 46elks?'),
    ("gateway: kannel ", "gateway: «46elks» ", "sms.gateway: 46elks needs sms.46elks with username, password and report_url"),
    ("gateway: kannel ", "gateway: «twilio» ", "sms.gateway: twilio needs sms.twilio with account_sid, auth_token and report_url"),
    (REPLY, "  46elks: {username: u, password: p, «report_ur»: http://h/}\n" + REPLY, "sms.46elks.report_ur: unknown key; did you mean report_url?"),
    (REPLY, "  «46elk»: {username: u}\n" + REPLY, "sms.46elk: unknown key; did you mean 46elks?"),
    (REPLY, "  «46elks»: {username: u, report_url: 'http://h/hooks/46elks/dlr'}\n" + REPLY, "sms.46elks.password: is missing; write password: '${CALLCENTRE_46ELKS_PASSWORD}'"),
    (REPLY, "  «twilio»: {account_sid: AC0123456789abcdef0123456789abcdef, report_url: 'http://h/hooks/twilio/dlr'}\n" + REPLY, "sms.twilio.auth_token: is missing; write auth_token: '${CALLCENTRE_TWILIO_AUTH_TOKEN}'"),
    (REPLY, "  twilio: {account_sid: «SK0123456789abcdef0123456789abcdef», auth_token: t, report_url: 'http://h/hooks/twilio/dlr'}\n" + REPLY, 'sms.twilio.account_sid: is not the SID of an account: "SK0123456789abcdef0123456789abcdef"; it is AC and 32 hexadecimal digits'),
    ("sender: Neuvonta ", "sender: «Neuvontapalvelu» ", 'sms.sender: must be letters, so that nobody answers it: at most 11 of A-Z a-z 0-9 and space; not "Neuvontapalvelu"'),
    ("sender: Neuvonta ", "sender: «18222» ", 'sms.sender: must be letters, so that nobody answers it: at most 11 of A-Z a-z 0-9 and space; not "18222"'),
    ("sender: Neuvonta ", "sender: «Määrä» ", 'sms.sender: must be letters, so that nobody answers it: at most 11 of A-Z a-z 0-9 and space; not "Määrä"'),
    (REPLY, '  reply_number: «"+35845"»', 'sms.reply_number: is not a telephone number: "+35845"; write it as +358451234567'),
    ("reply_is_free: false", "reply_is_free: «sometimes»", 'sms.reply_is_free: must be true or false, not "sometimes"'),
    ("per_second: 20 ", "per_second: «0» ", "sms.per_second: must be from 1 to 10000, not 0"),
    ("per_number_per_day: 20 ", "per_number_per_day: «0» ", "sms.per_number_per_day: must be from 1 to 1000000, not 0"),
    ("per_second: 20 ", "per_second: «2.5» ", 'sms.per_second: must be a whole number, not "2.5"'),
    ("per_second: 20 ", "per_second: «２０» ", 'sms.per_second: must be a whole number, not "２０"'),
    ("quiet_hours: null", 'quiet_hours: «"21:00"»', 'sms.quiet_hours: is not a time span: "21:00"; write e.g. "08:00-16:00"'),
    ("regions: [FI]", "regions: [FI, «XQ»]", 'numbers.regions[1]: is not a region: "XQ"; write its two letters, e.g. FI'),
    ("regions: [FI]", "regions: «[]»", "numbers.regions: needs at least one entry"),
    ("regions: [FI]", "regions: «FI»", 'numbers.regions: needs a list, such as [a, b], not "FI"'),
    ("dial: [mobile, fixed_line]", "dial: [mobile, «premium_rate»]", 'numbers.dial[1]: must be mobile, fixed_line, voip, toll_free, shared_cost or uan, not "premium_rate"'),
    ("blocked: []", 'blocked: [«"0600*"»]', 'numbers.blocked[0]: is neither a number nor a prefix: "0600*"; write +358401234567 or +358600*'),
    ("blocked: []", 'blocked: [«"+3586"»]', 'numbers.blocked[0]: is not a whole number: "+3586"; write +3586* for all that begin so'),
    ('call_hours: "08:00-21:00"', 'call_hours: «"8-21"»', 'numbers.call_hours: is not a time span: "8-21"; write e.g. "08:00-16:00"'),
    ('call_hours: "08:00-21:00"', 'call_hours: «"08:00-08:00"»', 'numbers.call_hours: 08:00-08:00 begins when it ends; write another end, or null for no limit'),
    ("endpoint: PJSIP/{number}@trunk", "endpoint: «PJSIP/{nummer}@trunk»", 'dialling.endpoint: must hold {number}, {digits} or {national} once, and nothing else in braces, not "PJSIP/{nummer}@trunk"'),
    ("endpoint: PJSIP/{number}@trunk", "endpoint: «PJSIP/trunk»", 'dialling.endpoint: must hold {number}, {digits} or {national} once, and nothing else in braces, not "PJSIP/trunk"'),
    ("endpoint: PJSIP/{number}@trunk", 'endpoint: «"{number}"»', 'dialling.endpoint: is not an endpoint: "{number}"; write e.g. PJSIP/{number}@trunk'),
    ("endpoint: PJSIP/{number}@trunk", "endpoint: «Local/{digits}@from-internal»", "dialling.endpoint: loses our calls: Asterisk removes a Local channel once both of its ends are bridged, and then nobody hears when the call ends; write Local/{digits}@from-internal/n"),
    ("endpoint: PJSIP/{number}@trunk", "endpoint: «local/9{national}@out/j»", "dialling.endpoint: loses our calls: Asterisk removes a Local channel once both of its ends are bridged, and then nobody hears when the call ends; write local/9{national}@out/jn"),
    ('caller_id: "+358912345678"', "caller_id: «101»", 'dialling.caller_id: is not a telephone number: "101"; write it as +358451234567'),
    ("other_numbers_per_caller_per_day: 3 ", "other_numbers_per_caller_per_day: «-1» ", "limits.other_numbers_per_caller_per_day: must be from 0 to 1000000, not -1"),
    ("callbacks_per_caller_per_day: 6", "callbacks_per_caller_per_day: «0»", "limits.callbacks_per_caller_per_day: must be from 1 to 1000000, not 0"),
    ("moves_per_caller_per_day: 3", "moves_per_caller_per_day: «3/d»", 'limits.moves_per_caller_per_day: must be a whole number, not "3/d"'),
    ("queue: support", "queue: support\n    queue_entry: «ext-queues»", 'services.support.queue_entry: is not a place in the dialplan: "ext-queues"; write context,extension,priority such as ext-queues,400,1'),
    ("queue: support", "queue: support\n    queue_entry: «callcentre-queue,support,1»", 'services.support.queue_entry: is our own dialplan, which would go round in a circle: "callcentre-queue,support,1"; name your PBX\'s own'),
    ("queue: support", "queue: support\n    queue_options: «'t,C'»", 'services.support.queue_options: are not options of Queue(): "t,C"; write its letters, such as tC'),
    ("queue: support", "queue: support\n    max_wait: «0s»", "services.support.max_wait: must be from 1s to 1d, not 0s"),
    ("queue: support", "queue: support\n    exit_context: «callcentre-exit-support»", 'services.support.exit_context: is our own context: "callcentre-exit-support"; name the one that the queue had before'),
    ("queue: support", "queue: support\n    exit_context: «'ivr 1'»", 'services.support.exit_context: is not a name for a context: "ivr 1"; use A-Z a-z 0-9 _ . and -'),
    ("ring: 30s", "ring: «30»", 'dialling.ring: has no unit: "30"; write 30s, 30m, 30h or 30d'),
    ("ring: 30s", "ring: «1s»", "dialling.ring: must be from 5s to 3m, not 1s"),
    ("  support:\n", "  «s»:\n", 'services.s: is not a name for a service: "s" is an extension that Asterisk uses itself; take another'),
    ("  support:\n", "  «_X.»:\n", 'services._X.: is not a name for a service: "_X."; use at most 60 of A-Z a-z 0-9 _ and -, a letter or digit first'),
    ("queue: support ", "queue: «a,b» ", 'services.support.queue: is not a name for a queue: "a,b"; use at most 60 of A-Z a-z 0-9 _ . and -'),
    ("queue: support ", "queue: «general» ", 'services.support.queue: is not a name for a queue: queues.conf keeps the section "general" for itself; take another'),
    ('numbers: ["+358912345678"]', "numbers: [«12»]", 'services.support.numbers[0]: is not a telephone number: "12"; write it as +358451234567'),
    ("name: {en: Customer service,", "name: {«de»: Kundendienst,", 'services.support.name.de: must be en, fi or sv, not "de"'),
    ('mon: "08:00-16:00"', 'mon: «"16:00-08:00"»', "services.support.hours.weekdays.mon: 16:00-08:00 must begin before it ends; hours past midnight go to the next day"),
    ('mon: "08:00-16:00"', 'mon: «["08:00-12:00", "11:00-16:00"]»', "services.support.hours.weekdays.mon: 08:00-12:00 and 11:00-16:00 overlap; write them as one"),
    ('mon: "08:00-16:00"', 'mon: «[8, [9]]»', 'services.support.hours.weekdays.mon: needs opening hours such as "08:00-12:00, 13:00-16:00", or closed, but is a list'),
    ("holidays: FI", "holidays: «QQ»", 'services.support.hours.holidays: is not a country whose holidays are known: "QQ"; write e.g. FI, DE-BY or null'),
    ("2026-12-24: closed", "«2026-02-30»: closed", 'services.support.hours.exceptions.2026-02-30: is not a date: "2026-02-30"; write it as 2026-12-24'),
    ("handle_time: 4m", "handle_time: «four minutes»", 'services.support.wait_estimate.handle_time: is not a duration: "four minutes"; write e.g. 90s, 5m, 2h, 14d or 1h30m'),
    ("min_waiting: 3 ", "min_waiting: «0» ", "services.support.welcome.min_waiting: must be from 1 to 1000000, not 0"),
    ("      cooldown: 1h", "      cooldown: «{a: b}»", "services.support.welcome.cooldown: needs a duration such as 90s or 5m, but has keys below it"),
    ('"Kiitos soitostasi. Jonossa on {{ waiting }} soittajaa. Asioi myös verkossa: www.example.fi"', "«Jonossa {{ waitng }}»", "services.support.welcome.text: uses {{ waitng }}, which is unknown here; did you mean waiting?"),
    ("attempts: 3", "attempts: «many»", 'services.support.callback.dial.attempts: must be a whole number, not "many"'),
    ("order: customer_first ", "order: «agent» ", 'services.support.callback.dial.order: must be customer_first or agent_first, not "agent"; did you mean agent_first?'),
    ("{busy: 3m,", "{«bussy»: 3m,", "services.support.callback.dial.retry_after.bussy: unknown key; did you mean busy?"),
    ("sample: 1.0 ", "sample: «50%» ", 'services.support.survey.sample: must be a number from 0 to 1, not "50%"'),
    ("sample: 1.0 ", "sample: «50» ", "services.support.survey.sample: must be from 0 to 1, not 50; 0.25 is a quarter"),
    ("metric: csat", "metric: «csta»", 'services.support.survey.questions[0].metric: must be csat, nps, ces or none, not "csta"; did you mean csat?'),
    ("- id: satisfaction", "- «idd»: satisfaction", "services.support.survey.questions[0].idd: unknown key; did you mean id?"),
    ("wait_estimate:\n      handle_time: 4m", "wait_estimate: «long»", 'services.support.wait_estimate: needs keys below it, not "long"; write e.g. wait_estimate: {handle_time: …}'),
    ("name: {en: Customer service, fi: Asiakaspalvelu, sv: Kundtjänst}", "name: «Asiakaspalvelu»", 'services.support.name: needs keys below it, not "Asiakaspalvelu"; write e.g. name: {en: Customer service}'),
    ("username: callcentre\n  password: ${CALLCENTRE_ARI", "username: «${WHO}»\n  password: ${CALLCENTRE_ARI", "ari.username: WHO is not set in the environment; set it, or write ${WHO:-default}"),
    ("username: callcentre\n  password: ${CALLCENTRE_ARI", "username: «${WHO-me}»\n  password: ${CALLCENTRE_ARI", "ari.username: ${ begins the name of an environment variable; write ${NAME} or ${NAME:-default}"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "mistake"), MISTAKES)
def test_a_mistake_is_named_at_its_place(old: str, new: str, mistake: str) -> None:
    file = marked(changed(old, new))
    with pytest.raises(ConfigurationError) as caught:
        parse(file.text, {}, Path("config.yaml"))
    [problem] = caught.value.problems
    assert problem.render("config.yaml").splitlines()[0] == f"config.yaml:{file.line}:{file.column}: {mistake}"
    assert problem.end == max(file.end, file.column + 1)
