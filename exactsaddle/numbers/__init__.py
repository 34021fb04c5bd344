"""Numbers and exact linear algebra: rationals, square roots, expressions, balls as text, matrices, subspaces.

Nothing here knows of a problem. Balls are FLINT's own; what is here reads, compares and prints them. The
face leaves out ``expressions`` and ``number_field``: they load SymPy, which rational problems need not pay
for.
"""

from exactsaddle.numbers.balls import above, agreed, ball_to_json
from exactsaddle.numbers.carrying import Carried
from exactsaddle.numbers.continued_fraction import Recognised, digits_below, recognise
from exactsaddle.numbers.decimals import ball_to_decimal, scale_text
from exactsaddle.numbers.definite import is_positive_definite
from exactsaddle.numbers.dyadic import FloatMatrix, FloatVector
from exactsaddle.numbers.gram import (
    IntegerRows,
    IntegerVectors,
    gram_deficit,
    gram_inverse_norm,
    integer_gram,
    solve_gram_in_balls,
)
from exactsaddle.numbers.log_sum import LogSum
from exactsaddle.numbers.multiplicative import product_is_one
from exactsaddle.numbers.normal_equations import DependentColumns, NormalEquations
from exactsaddle.numbers.polytope import MAX_RAYS, enumerate_polyhedron
from exactsaddle.numbers.power_sum import PowerSum
from exactsaddle.numbers.rational import (
    MAX_DIGITS,
    decimal_of,
    is_binary_float,
    parse_rational,
    power_of_two,
    short_decimal,
    shorten,
    to_decimal,
    to_float,
    to_fraction,
    to_rational,
    to_text,
)
from exactsaddle.numbers.roots import (
    Exact,
    Number,
    RootSum,
    brief,
    decimals,
    enclose,
    magnitude,
    number_text,
    parse_root,
    rational_ratio,
    round_to_units,
    simplest,
    square_root,
    squared,
    sum_text,
    to_exact,
    to_number,
)
from exactsaddle.numbers.subspaces import (
    Minor,
    Relations,
    independent_columns,
    nonzero_minor,
    relations,
    residuals,
)
from exactsaddle.numbers.vectors import Floats, Matrix, Vector

__all__ = [
    "MAX_DIGITS",
    "MAX_RAYS",
    "Carried",
    "DependentColumns",
    "Exact",
    "FloatMatrix",
    "FloatVector",
    "Floats",
    "IntegerRows",
    "IntegerVectors",
    "LogSum",
    "Matrix",
    "Minor",
    "NormalEquations",
    "Number",
    "PowerSum",
    "Recognised",
    "Relations",
    "RootSum",
    "Vector",
    "above",
    "agreed",
    "ball_to_decimal",
    "ball_to_json",
    "brief",
    "decimal_of",
    "decimals",
    "digits_below",
    "enclose",
    "enumerate_polyhedron",
    "gram_deficit",
    "gram_inverse_norm",
    "independent_columns",
    "integer_gram",
    "is_binary_float",
    "is_positive_definite",
    "magnitude",
    "nonzero_minor",
    "number_text",
    "parse_rational",
    "parse_root",
    "power_of_two",
    "product_is_one",
    "rational_ratio",
    "recognise",
    "relations",
    "residuals",
    "round_to_units",
    "scale_text",
    "short_decimal",
    "shorten",
    "simplest",
    "solve_gram_in_balls",
    "square_root",
    "squared",
    "sum_text",
    "to_decimal",
    "to_exact",
    "to_float",
    "to_fraction",
    "to_number",
    "to_rational",
    "to_text",
]
