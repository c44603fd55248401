"""What a method of a service takes: a call that gives something else is refused before anything is done."""

import inspect
from collections.abc import Callable
from typing import Any, get_type_hints

import msgspec
from nameko.exceptions import IncorrectSignature

from infra.problem import InvalidInput


class Arguments:
    """The parameters of `method`, by their type hints; its first one, `self`, is nobody's to give."""

    def __init__(self, method: Callable[..., Any]) -> None:
        self._signature = inspect.signature(method)
        hints = get_type_hints(method)
        self._kinds = {name: hints[name] for name in self._signature.parameters if name in hints}

    def check(self, args: list[Any], kwargs: dict[str, Any]) -> None:
        """Raises IncorrectSignature where these are not its parameters, InvalidInput where one is of another type."""
        try:
            given = self._signature.bind(None, *args, **kwargs).arguments
        except TypeError as error:
            raise IncorrectSignature(str(error)) from error
        for name, kind in self._kinds.items():
            if name in given:
                _check(name, given[name], kind)


def _check(name: str, value: Any, kind: Any) -> None:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise InvalidInput(f"{name}: {error}", f"参数{name}的类型或格式不正确", field=name) from error
