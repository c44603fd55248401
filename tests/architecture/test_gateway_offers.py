"""What complaints and tasks answer over RPC is offered by the gateway, or no work for a portal, for a reason."""

import ast

import pytest

from tests.architecture.source import answered_by, modules

A_FILE = "a file, read row by row with a trial first, larger than a request may be"
OF_THE_MACHINE = "for who runs the machine, who has the command line"
FOR_PROOF = "numbers with which demonstration and tests find that nothing is under way any more"
NOT_OFFERED = {
    "complaints": {
        "import_standard": f"{A_FILE}: wenming standard import",
        "callbacks": f"{OF_THE_MACHINE}: wenming callbacks list",
        "callbacks_of": f"{OF_THE_MACHINE}: wenming callbacks show",
        "resend_callbacks": f"{OF_THE_MACHINE}: wenming callbacks resend",
        "master_keys": f"{OF_THE_MACHINE}: wenming privacy keys",
        "rewrap_keys": f"{OF_THE_MACHINE}: wenming privacy rotate",
        "complete_older": f"{OF_THE_MACHINE}: wenming privacy backfill",
        "erase_report": "cannot be undone; asked for once in a while, by letter: wenming privacy erase",
        "intake_totals": FOR_PROOF,
    },
    "tasks": {
        "issue_plan": f"{A_FILE}: wenming plan issue",
        "import_calendar": f"{A_FILE}: wenming calendar import",
        "calendar_year": "beside the import of calendars: wenming calendar show",
        "calendar_status": "beside the import of calendars: wenming calendar status",
        "totals": FOR_PROOF,
    },
}


def named_by_the_gateway() -> set[str]:
    """Every text that is an argument of a call in the gateway: methods are named so, to commands and to desks."""
    return {
        text.value
        for module in modules("gateway")
        for call in ast.walk(module.tree)
        if isinstance(call, ast.Call)
        for argument in (*call.args, *(keyword.value for keyword in call.keywords))
        for text in ast.walk(argument)
        if isinstance(text, ast.Constant) and isinstance(text.value, str)
    }


@pytest.mark.parametrize("service", NOT_OFFERED)
def test_every_rpc_method_is_offered_by_the_gateway_or_named_here_with_its_reason(service: str) -> None:
    assert answered_by(service) - named_by_the_gateway() == set(NOT_OFFERED[service])
