"""What people may do with accounts and keys."""

from __future__ import annotations

from typing import Final

from callcentre.web.rights import ADMINISTRATOR, PEOPLE, SUPERVISORS, Right

OWN_ACCOUNT: Final = Right(
    "account.use", "See one's own account, and change its password, second factor, language and sessions", PEOPLE
)
MANAGE_USERS: Final = Right(
    "users.manage", "Invite people, change their roles and services, and disable them", ADMINISTRATOR
)
MANAGE_KEYS: Final = Right("keys.manage", "Make and revoke API keys, with at most one's own rights", SUPERVISORS)
READ_ROLES: Final = Right("roles.read", "Read what each role may do", PEOPLE)

RIGHTS: Final = (OWN_ACCOUNT, MANAGE_USERS, MANAGE_KEYS, READ_ROLES)
