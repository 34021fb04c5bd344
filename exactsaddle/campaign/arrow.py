"""pyarrow, or how to install it."""

from __future__ import annotations

from exactsaddle.base import MissingExtra

try:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq
except ImportError as error:
    raise MissingExtra("campaigns need pyarrow: pip install 'exactsaddle[campaign]'") from error

__all__ = ["pa", "pc", "pq"]
