"""Who is signed in by name, and what that person may do."""

from http import HTTPStatus

from starlette.requests import Request

from pdfkit_cli.desk import security
from pdfkit_cli.desk.settings import DeskRole
from pdfkit_cli.desk.templating import ProblemError, desk_state

_INCLUDED = {DeskRole.REVIEWER: (DeskRole.REVIEWER, DeskRole.APPROVER)}
"""Roles that another one includes."""


def may(request: Request, role: DeskRole) -> bool:
    """Return whether the person who asks has a role."""
    own = security.proxy_roles(request.scope, desk_state(request).settings)
    return any(each in own for each in _INCLUDED.get(role, (role,)))


def require(request: Request, role: DeskRole) -> str:
    """Return the name of the person who asks. Raises ProblemError for anybody without the role."""
    if not may(request, role):
        raise ProblemError("no_role", HTTPStatus.FORBIDDEN)
    return security.proxy_user(request.scope, desk_state(request).settings)
