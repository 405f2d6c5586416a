"""Users as a component."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from callcentre.features.users.administering import Administering
from callcentre.features.users.declaring import declared
from callcentre.features.users.model import Accounts
from callcentre.features.users.outside.administration import Administration
from callcentre.features.users.outside.entrance import Entrance
from callcentre.features.users.outside.identities import AccountIdentities
from callcentre.features.users.outside.invited import FirstInvitation, Invited
from callcentre.features.users.outside.key_pages import KeyPages
from callcentre.features.users.outside.log_in import LogIns
from callcentre.features.users.outside.own_account import OwnAccount
from callcentre.features.users.outside.single_sign_on import SingleSignOn
from callcentre.features.users.outside.staff import Staff
from callcentre.features.users.retention import retentions
from callcentre.features.users.rights import MANAGE_KEYS, MANAGE_USERS, RIGHTS
from callcentre.features.users.web import routes
from callcentre.kernel.component import Building, Component, provides
from callcentre.kernel.journal import HearsCommits
from callcentre.kernel.page_reads.reads import Reads
from callcentre.kernel.people import People
from callcentre.kernel.program import Listener, Program
from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.web.guard import Identifies
from callcentre.web.pages import NavigationEntry, Pages, Templates
from callcentre.web.ports import WebPorts
from callcentre.web.rights import Rights


def _build(building: Building) -> Iterable[Any]:
    program, in_force, table = building.need(Program), building.need(SettingsInForce), building.need(Rights)
    ports, pages, reads = building.need(WebPorts), building.need(Pages), building.need(Reads)
    accounts = Accounts()
    administration = Administration(accounts, Administering(accounts), program, in_force, table)
    identities = AccountIdentities(accounts, program, in_force, table)
    yield from declared(accounts)
    yield from retentions(accounts)
    yield from RIGHTS
    yield provides(administration)
    yield Identifies(identities)
    yield HearsCommits(identities.heard)
    log_ins = LogIns(accounts, program, in_force, building.need(People), administration.passwords)
    entrance = Entrance(ports, pages, log_ins, identities, in_force)
    yield Templates("users", "callcentre.features.users")
    own_account = OwnAccount(pages, entrance, administration, reads)
    yield from entrance.routes()
    yield from own_account.routes()
    yield from SingleSignOn(pages, entrance).routes()
    yield from Invited(pages, entrance, administration).routes()
    yield from Staff(pages, own_account, administration, reads).routes()
    yield from KeyPages(pages, own_account, administration, reads).routes()
    yield NavigationEntry("/users", "Users", MANAGE_USERS, 80)
    yield NavigationEntry("/keys", "API keys", MANAGE_KEYS, 81)
    yield Listener(FirstInvitation(administration).listen)
    yield from routes(ports, administration, identities, reads)


COMPONENT = Component(name="users", build=_build)
