"""What every room stands on: errors with their exit codes, verdicts, files written whole, extras, the lock
around settings of the whole process.

Nothing here knows of a problem, a number or a path.
"""

from exactsaddle.base.errors import (
    CertificateRejected,
    EngineLost,
    ExactSaddleError,
    Inconclusive,
    InvalidInput,
    MalformedCertificate,
    MissingExtra,
    ProofFailed,
    UnreadableFile,
)
from exactsaddle.base.extras import missing_extra, pip_install, require
from exactsaddle.base.files import check_writable, read_regular, write_atomically
from exactsaddle.base.naming import by_name, counted, misfit, named_only
from exactsaddle.base.precision import (
    csv_field_limit,
    mpmath_workprec,
    one_at_a_time,
    single_threaded_blas,
    workprec,
)
from exactsaddle.base.verdict import Status, Verdict
from exactsaddle.base.visible import CONTROL_SIGNS, visible

__all__ = [
    "CONTROL_SIGNS",
    "CertificateRejected",
    "EngineLost",
    "ExactSaddleError",
    "Inconclusive",
    "InvalidInput",
    "MalformedCertificate",
    "MissingExtra",
    "ProofFailed",
    "Status",
    "UnreadableFile",
    "Verdict",
    "by_name",
    "check_writable",
    "counted",
    "csv_field_limit",
    "misfit",
    "missing_extra",
    "mpmath_workprec",
    "named_only",
    "one_at_a_time",
    "pip_install",
    "read_regular",
    "require",
    "single_threaded_blas",
    "visible",
    "workprec",
    "write_atomically",
]
