"""DATA as parameters of a command: its signature is made from the fields of ``Given``."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Annotated, Any, get_type_hints

import typer

from exactsaddle.base import InvalidInput
from exactsaddle.cli.data import Given, default_of


def takes_data(
    *left_out: str, option: Any = None, refused: Mapping[str, str] = MappingProxyType({})
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command, whose first parameter is a Given, DATA (or this option) and its options but some.

    refused: options that are hidden, each with the reason that is said where it is given.
    """
    hints = get_type_hints(Given, include_extras=True)
    defaults = {declared.name: default_of(declared) for declared in fields(Given)}
    if option is not None:
        hints["data"], defaults["data"] = option, ""
    shared = [
        inspect.Parameter(
            declared.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=defaults[declared.name],
            annotation=hints[declared.name],
        )
        for declared in fields(Given)
        if declared.name not in (*left_out, *refused)
    ]
    hidden = [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=False, annotation=Annotated[bool, _hidden(name)]
        )
        for name in refused
    ]

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        _, *own = inspect.signature(command, eval_str=True).parameters.values()
        own = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own]

        def called(**options: Any) -> None:
            for name, reason in refused.items():
                if options.pop(name):
                    raise InvalidInput(f"--{name}: {reason}")
            given = {parameter.name: options.pop(parameter.name) for parameter in shared}
            command(Given(**given), **options)

        called.__doc__, called.__name__ = command.__doc__, command.__name__
        called.__module__ = command.__module__
        called.__signature__ = inspect.Signature([*shared, *own, *hidden])  # type: ignore[attr-defined]
        return called

    return decorate


def _hidden(name: str) -> Any:
    return typer.Option(f"--{name}", hidden=True)
