"""``python -m tests.rights_table``: write who can do what and why into docs/vault.md."""

from __future__ import annotations

from pathlib import Path

from softphone.domain.permissions import BUILT_IN_ROLES, RIGHT_NAMES, Permission, Role, Scope

DOCUMENT = Path(__file__).parent.parent / "docs" / "vault.md"
BEGIN, END = "<!-- rights: begin -->\n", "<!-- rights: end -->\n"
REACH = {Scope.OWN: "own", Scope.TEAM: "team", Scope.ALL: "all"}
_POLICY = "the signed policy, checked by every use case"
ENFORCED: dict[Permission, tuple[str, str]] = {
    Permission.CALLS_PLACE: (_POLICY, "unit/app/test_calls.py"),
    Permission.CALLS_WITHOUT_BASIS: (_POLICY, "unit/app/test_calls.py"),
    Permission.HISTORY_READ: (_POLICY, "unit/app/test_calls.py"),
    Permission.NUMBERS_SEE: (
        "the policy; the use cases hand out masked numbers",
        "unit/app/test_calls.py",
    ),
    Permission.RECORDINGS_LISTEN: (
        "the policy, and keys: a recording is sealed for a group whose key only its listeners hold",
        "unit/vault/test_recordings.py, unit/vault/test_people.py",
    ),
    Permission.RECORDINGS_DOWNLOAD: (
        "the policy, and the listener's key without which nothing opens; a reason is asked for",
        "unit/app/test_recordings.py",
    ),
    Permission.RECORDINGS_DELETE: (_POLICY, "unit/app/test_recordings.py"),
    Permission.CONTACTS_READ: (_POLICY, "unit/app/test_people.py"),
    Permission.CONTACTS_EDIT: (_POLICY, "unit/app/test_people.py"),
    Permission.CONTACTS_EXPORT: (_POLICY, "unit/app/test_privacy.py"),
    Permission.CONTACTS_ERASE: (_POLICY, "unit/app/test_privacy.py"),
    Permission.PRIVACY_MANAGE: (_POLICY, "unit/app/test_privacy.py"),
    Permission.AUDIT_READ: (_POLICY, "unit/app/test_auditing.py"),
    Permission.USERS_MANAGE: (
        "the policy, and the policy key in the person's own slot; never about oneself",
        "unit/vault/test_people.py",
    ),
    Permission.POLICY_MANAGE: (
        "the policy, and the policy key in the person's own slot",
        "unit/vault/test_people.py, unit/vault/test_policy.py",
    ),
}


def table() -> str:
    """Return the table of every right, as Markdown."""
    names = [role.name for role in BUILT_IN_ROLES]
    head = ["right", *names, "what enforces it", "test"]
    lines = [_line(head), _line(["---"] * len(head))]
    for permission in Permission:
        how, test = ENFORCED[permission]
        reaches = [_reach(role, permission) for role in BUILT_IN_ROLES]
        said = f"{RIGHT_NAMES[permission]} (`{permission.value}`)"
        lines.append(_line([said, *reaches, how, ", ".join(f"`{t}`" for t in test.split(", "))]))
    return "".join(lines)


def parts() -> tuple[str, str, str]:
    """Return the document before, within and after the table."""
    before, _, rest = DOCUMENT.read_text("utf-8").partition(BEGIN)
    inside, _, after = rest.partition(END)
    return before, inside, after


def _reach(role: Role, permission: Permission) -> str:
    return ", ".join(REACH[g.scope] for g in role.grants if g.permission is permission) or "–"


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


if __name__ == "__main__":
    head, _, tail = parts()
    DOCUMENT.write_text(f"{head}{BEGIN}{table()}{END}{tail}", "utf-8")
