"""The product's source as it is read by the architecture tests: every module with its syntax tree."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ("infra", "services", "gateway", "cli", "bench")
SERVICES = ("complaints", "tasks", "assessment", "notify")


class Module(NamedTuple):
    """One file: its dotted name ("services.tasks.plan"), its path from the root, its text and its tree."""

    name: str
    path: str
    text: str
    tree: ast.Module

    def at(self, node: ast.AST) -> str:
        """`path:line` of a node, as an editor understands it."""
        return f"{self.path}:{getattr(node, 'lineno', 1)}"


@cache
def modules(*floors: str) -> tuple[Module, ...]:
    """Every module of the packages `floors` (default: all of the product)."""
    found = []
    for floor in floors or FLOORS:
        for file in sorted((ROOT / floor).rglob("*.py")):
            relative = file.relative_to(ROOT)
            name = ".".join(relative.with_suffix("").parts).removesuffix(".__init__")
            text = file.read_text("utf-8")
            found.append(Module(name, str(relative), text, ast.parse(text)))
    return tuple(found)


def imports(module: Module) -> Iterator[tuple[str, ast.AST]]:
    """Every module that `module` imports, anywhere in it, also inside functions; with the node that does it."""
    package = module.name if module.path.endswith("__init__.py") else module.name.rpartition(".")[0]
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            source = ".".join([*parts, node.module] if node.module else parts)
            yield from ((_target(source, alias.name), node) for alias in node.names)


def _target(source: str, name: str) -> str:
    """`from a import b`: the module a.b where there is one, otherwise the module a."""
    path = ROOT / Path(*source.split("."), name)
    return f"{source}.{name}" if path.is_dir() or path.with_suffix(".py").exists() else source


def calls(module: Module) -> Iterator[tuple[str, ast.Call]]:
    """Every call, as the dotted text of what is called (calls and subscripts in between are left out)."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            yield _dotted(node.func), node


def _dotted(node: ast.expr) -> str:
    match node:
        case ast.Name():
            return node.id
        case ast.Attribute():
            return f"{_dotted(node.value)}.{node.attr}"
        case ast.Call():
            return _dotted(node.func)
        case ast.Subscript():
            return _dotted(node.value)
        case _:
            return "?"


def functions(module: Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method, nested ones too."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def surface(module: Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """The public names of a module: its classes, its functions, and its classes' methods."""
    for node in module.tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from (
                    inner
                    for inner in node.body
                    if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef) and not inner.name.startswith("_")
                )


def answered_by(service: str) -> set[str]:
    """The names of the RPC methods that the service declares."""
    return {
        node.name
        for module in modules(f"services/{service}")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef) and any(map(_is_rpc, node.decorator_list))
    }


def _is_rpc(decorator: ast.expr) -> bool:
    """Whether it is `@rpc(…)`."""
    return isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Name) and decorator.func.id == "rpc"
