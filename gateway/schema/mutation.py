"""What can be done. Every command names the version seen; a stale one is refused with who changed what."""

import graphene

from gateway.schema.case_commands import CheckCommands, DeskCommands, UnionCommands
from gateway.schema.material import MaterialCommands
from gateway.schema.misfit import MisfitCommands
from gateway.schema.report import ReportCommands
from gateway.schema.routing import RoutingCommands
from gateway.schema.standard import StandardCommands
from gateway.schema.supervision import SupervisionCommands
from gateway.schema.task_commands import AboveCommands, DutyCommands, SharingCommands


class Mutation(
    DutyCommands,
    SharingCommands,
    AboveCommands,
    DeskCommands,
    CheckCommands,
    UnionCommands,
    ReportCommands,
    StandardCommands,
    RoutingCommands,
    MaterialCommands,
    MisfitCommands,
    SupervisionCommands,
    graphene.ObjectType,
):
    """Commands on tasks and cases. Permissions: gateway/permissions.py."""
