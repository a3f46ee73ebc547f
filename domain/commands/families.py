"""Families: begun with their first record, and with who holds rights on it by office.

Source: DESIGN.md "Who may do what".
"""

from __future__ import annotations

from domain.access import ADMINISTRATORS, Level
from domain.action import Action
from domain.family import Family, FamilyCreated, PermissionGranted
from domain.identifiers import family_id, new_pid
from domain.log import Session


def begin(session: Session, under: Action) -> Family:
    """Begin the family of a record that is made under an action; its owner is who makes it."""
    pid = new_pid()
    family = session.begin(family_id(pid), FamilyCreated(owner=session.actor.account, pid=pid))
    if not under.is_deposit_type:
        return family
    office = PermissionGranted(principal=ADMINISTRATORS, level=Level.MANAGE)
    return session.change(family, office)
