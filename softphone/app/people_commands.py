"""Commands about roles, invitations and forgotten passwords."""

from __future__ import annotations

from softphone.app.command_arguments import Answer, Run, fields_of, one_of, take
from softphone.app.desk import Desk
from softphone.app.invitations import Invitation
from softphone.app.workplace_rules import changed_workplace, workplace_as_json
from softphone.domain.errors import NotFound
from softphone.domain.ids import UserId
from softphone.domain.permissions import Permission, Role, Scope
from softphone.domain.roles import find_role, rights_of

_LIKE = "like"


def member_named(desk: Desk, name: str) -> UserId:
    """Return the person of this name. Raises NotFound."""
    plain = name.strip().casefold()
    found = [m.id for m in desk.session.vault.policy.members if m.name.casefold() == plain]
    if not found:
        raise NotFound("Nothing was changed.", "The policy names nobody like that.")
    return found[0]


def _roles(desk: Desk, _: list[str]) -> Answer:
    return {
        "roles": [{**_plain(role), "people": people} for role, people in desk.roles.all()],
        "rights": [permission.value for permission in Permission],
    }


def _save_role(desk: Desk, arguments: list[str]) -> Answer:
    wanted = "a name and its rights (recordings.listen=team), none to take one away, like=ROLE"
    name, *rest = take(arguments, wanted, 2, 40)
    given = fields_of(rest)
    like = given.pop(_LIKE, "")
    rights = rights_of(find_role(desk.session.vault.policy, like)) if like else {}
    for text, reach in given.items():
        permission: Permission = one_of(Permission, text, "right")
        if reach == "none":
            rights.pop(permission, None)
        else:
            rights[permission] = one_of(Scope, reach, "reach")
    return {"role": _plain(desk.roles.save(name, rights))}


def _remove_role(desk: Desk, arguments: list[str]) -> Answer:
    (name,) = take(arguments, "the name of a role", 1)
    desk.roles.remove(name)
    return {}


def _invite(desk: Desk, arguments: list[str]) -> Answer:
    name, role, team = take(arguments, "name, role and team", 3)
    return _said(desk.invitations.invite(name, role, team))


def _reset(desk: Desk, arguments: list[str]) -> Answer:
    name, recovery_key = take(arguments, "a name; the recovery key on stdin", 2)
    return _said(desk.invitations.reset(member_named(desk, name), recovery_key))


def _drill(desk: Desk, arguments: list[str]) -> Answer:
    (recovery_key,) = take(arguments, "the recovery key on stdin", 1)
    found = desk.invitations.drill(recovery_key)
    return {"people": found.people, "recordings": found.recordings}


def _workplace(desk: Desk, arguments: list[str]) -> Answer:
    rules = desk.workplace
    if arguments:
        rules.change(changed_workplace(rules.now(), " ".join(arguments)))
    return {"rules": workplace_as_json(rules.now())}


def _said(invitation: Invitation) -> Answer:
    return {"member": invitation.member.id, "one_time_password": invitation.password}


def _plain(role: Role) -> Answer:
    return {"name": role.name, "rights": {p.value: s.value for p, s in rights_of(role).items()}}


PEOPLE_STDIN: dict[str, int] = {"reset-member": 1, "recovery-drill": 1}
PEOPLE_COMMANDS: dict[str, tuple[Run, str]] = {
    "roles": (_roles, "list the roles, their rights and how many people have them"),
    "role-save": (_save_role, "make or change a role: name, right=reach..., like=ROLE to copy"),
    "role-remove": (_remove_role, "remove a role nobody has, or put a built-in one back"),
    "invite-member": (_invite, "add a colleague by name, role, team; prints a one-time password"),
    "recovery-drill": (
        _drill,
        "prove that a printed recovery key works, changing nothing; the key on stdin",
    ),
    "workplace-rules": (
        _workplace,
        "show when the window locks and what reviewers are asked, as JSON, or change some by JSON",
    ),
    "reset-member": (
        _reset,
        "print a one-time password for a colleague who forgot theirs; the recovery key on stdin",
    ),
}
