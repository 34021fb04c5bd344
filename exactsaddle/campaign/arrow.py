"""pyarrow, or how to install it."""

from __future__ import annotations

from exactsaddle.base import missing_extra

try:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq
except ImportError as error:
    raise missing_extra("campaigns need pyarrow", "campaign") from error

__all__ = ["pa", "pc", "pq"]
