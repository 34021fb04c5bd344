"""Tables as people have them: files and data frames, made the fields of a problem, every number as written.

``content`` is bytes and text, ``dialect`` the cells of a text, ``workbooks`` Parquet and Excel, ``frames``
objects of other libraries. All of them become a ``Table``, of which ``columns`` takes what was asked for.
What was guessed, dropped or made on the way is noted in the table and recorded in the problem's source.
"""

from exactsaddle.problem.tables.columns import fields_of
from exactsaddle.problem.tables.content import content_of, text_of
from exactsaddle.problem.tables.dialect import records_of
from exactsaddle.problem.tables.frames import table_of_frame
from exactsaddle.problem.tables.header import table_of_records
from exactsaddle.problem.tables.made import FrameLibrary, made_frame
from exactsaddle.problem.tables.reading import Categories, Column, Missing, Reading, split_names
from exactsaddle.problem.tables.table import Table
from exactsaddle.problem.tables.workbooks import parquet_table, refuse_many, refuse_zip_bomb, workbook_records

__all__ = [
    "Categories",
    "Column",
    "FrameLibrary",
    "Missing",
    "Reading",
    "Table",
    "content_of",
    "fields_of",
    "made_frame",
    "parquet_table",
    "records_of",
    "refuse_many",
    "refuse_zip_bomb",
    "split_names",
    "table_of_frame",
    "table_of_records",
    "text_of",
    "workbook_records",
]
