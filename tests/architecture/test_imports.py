"""Three floors: the command line and the gateway above the services above infra. No import runs upward.

A rule about direct imports is enough: if every single step goes down, so does every path.
"""

import pytest

from tests.architecture.source import SERVICES, Module, imports, modules

MAY_IMPORT = {
    "infra": {"infra"},
    "services": {"services", "infra"},
    "gateway": {"gateway", "services", "infra"},
    "cli": {"cli", "gateway", "services", "infra"},
    "bench": {"bench", "cli", "gateway", "services", "infra"},
}
DOMAIN_WORDS = ("infra.organisation", "infra.calendar", "infra.numbering", "services", "gateway")


def inside(name: str, package: str) -> bool:
    """Whether the module `name` is `package` or lies in it."""
    return name == package or name.startswith(package + ".")


def of_service(name: str) -> str | None:
    """The service to which a module belongs."""
    return next((service for service in SERVICES if inside(name, f"services.{service}")), None)


@pytest.mark.parametrize("floor", MAY_IMPORT)
def test_no_import_runs_upward(floor: str) -> None:
    upward = [
        f"{module.at(node)} imports {target}"
        for module in modules(floor)
        for target, node in imports(module)
        if target.partition(".")[0] in MAY_IMPORT and target.partition(".")[0] not in MAY_IMPORT[floor]
    ]
    assert upward == []


def test_between_services_only_contracts_are_imported() -> None:
    trespasses = [
        f"{module.at(node)} imports {target}"
        for module in modules("services")
        for target, node in imports(module)
        if of_service(target) not in (None, of_service(module.name)) and not target.endswith(".contracts")
    ]
    assert trespasses == []


def test_the_gateway_and_the_command_line_know_only_the_contracts_of_services() -> None:
    trespasses = [
        f"{module.at(node)} imports {target}"
        for module in modules("gateway", "cli")
        for target, node in imports(module)
        if of_service(target) is not None and not target.endswith(".contracts")
    ]
    assert trespasses == []


def test_contracts_are_made_of_plain_things() -> None:
    allowed = ("infra.messaging.event", "infra.organisation", "msgspec", "datetime", "enum", "typing", "collections")
    heavy = [
        f"{module.at(node)} imports {target}"
        for module in modules("services")
        if ".contracts" in module.name
        for target, node in imports(module)
        if not target.startswith((*allowed, module.name.partition(".contracts")[0] + ".contracts"))
    ]
    assert heavy == []


def test_messaging_knows_no_domain() -> None:
    assert forbidden(modules("infra/messaging"), DOMAIN_WORDS) == []


def test_the_organisation_knows_no_service_and_no_messaging() -> None:
    assert forbidden(modules("infra/organisation"), ("services", "gateway", "infra.messaging")) == []


def test_nothing_imports_the_command_line_but_benchmarks() -> None:
    assert forbidden(modules("infra", "services", "gateway"), ("cli", "bench")) == []


def test_the_gateway_does_not_load_what_patches_the_process() -> None:
    assert forbidden(modules("gateway"), ("nameko", "eventlet", "mongoengine", "pymongo")) == []


def forbidden(among: tuple[Module, ...], packages: tuple[str, ...]) -> list[str]:
    """The imports of any of `packages`."""
    return [
        f"{module.at(node)} imports {target}"
        for module in among
        for target, node in imports(module)
        if any(inside(target, package) for package in packages)
    ]
