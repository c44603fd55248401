"""What keeps the house readable: short functions and files, names that say something, no swallowed error."""

import ast
import re

import hypothesis

from tests.architecture.source import FLOORS, ROOT, Module, functions, modules, surface

FUNCTION_LINES, FILE_LINES = 50, 350
DRAWERS = {"utils", "util", "helpers", "helper", "common", "base", "manager", "managers", "misc"}
MACHINE = re.compile(r"(?<![\w.])/(?:home|root|opt|Users|work)/")  # where checkouts and homes are, on any machine
TEXTS = ("*.md", "*.toml", "*.yml", "*.yaml", "*.in", "*.lock", "*.sh", "*.graphql", "Makefile", "Dockerfile")


def test_no_function_is_longer_than_50_lines() -> None:
    longer = [
        f"{module.at(function)} {function.name}: {length(function)} lines"
        for module in modules()
        for function in functions(module)
        if length(function) > FUNCTION_LINES
    ]
    assert longer == []


def test_no_file_is_longer_than_350_lines() -> None:
    assert [module.path for module in modules() if module.text.count("\n") > FILE_LINES] == []


def test_no_module_is_a_drawer() -> None:
    assert [module.path for module in modules() if set(module.name.split(".")) & DRAWERS] == []


def test_no_error_is_swallowed() -> None:
    swallowed = [
        module.at(node)
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ExceptHandler) and all(says_nothing(one) for one in node.body)
    ]
    assert swallowed == []


def test_no_property_test_fails_because_the_machine_is_busy() -> None:
    for name in ("repeatable", "explore"):
        profile = hypothesis.settings.get_profile(name)
        assert (profile.deadline, profile.derandomize) == (None, name == "repeatable")
        assert hypothesis.HealthCheck.too_slow in profile.suppress_health_check


def test_everything_public_says_what_it_means() -> None:
    silent = [
        f"{module.at(node)} {node.name}"
        for module in modules()
        for node in surface(module)
        if ast.get_docstring(node) is None and not node.name.startswith("resolve_")  # its field has a description
    ]
    silent += [module.path for module in modules() if module.text.strip() and ast.get_docstring(module.tree) is None]
    assert silent == []


def test_everything_public_says_which_types_it_takes() -> None:
    untyped = [
        f"{module.at(node)} {node.name}"
        for module in modules()
        for node in surface(module)
        if not isinstance(node, ast.ClassDef) and not typed(node)
    ]
    assert untyped == []


def test_nothing_names_a_directory_of_one_machine_or_a_registry() -> None:
    files = {ROOT / module.path for module in modules()}
    for pattern in TEXTS:
        files |= {file for floor in (*FLOORS, "tests", ".ci") for file in (ROOT / floor).rglob(pattern)}
        files |= set(ROOT.glob(pattern))
    named = [
        f"{file.relative_to(ROOT)}:{number}"
        for file in sorted(files)
        for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1)
        if MACHINE.search(line)
    ]
    assert named == []


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from `def` to the end."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def says_nothing(statement: ast.stmt) -> bool:
    """`pass`, `...` or a lone text."""
    return isinstance(statement, ast.Pass) or (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    )


def typed(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether the result and every argument but self and cls have a type."""
    a = function.args
    named = [*a.posonlyargs, *a.args, *a.kwonlyargs, *filter(None, (a.vararg, a.kwarg))]
    return function.returns is not None and all(one.annotation for one in named if one.arg not in ("self", "cls"))


def test_the_rules_see_what_they_must() -> None:
    text = "def f(a):\n    try:\n        g()\n    except ValueError:\n        ...\n"
    tree = ast.parse(text)
    module = Module("m", "m.py", text, tree)
    (function,) = surface(module)
    assert isinstance(function, ast.FunctionDef)
    assert not typed(function)
    assert length(function) == 5
