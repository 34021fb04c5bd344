"""What an extra brings, imported when it is used; absent, the pip command is named."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from exactsaddle.base.errors import MissingExtra


def require(module: str, extra: str = "report") -> Any:
    """The module, which this extra of the package installs; raises MissingExtra where it is absent."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        package = module.partition(".")[0]
        if (error.name or "").partition(".")[0] != package:
            raise
        raise MissingExtra(f"this needs {package}: pip install 'exactsaddle[{extra}]'") from None
