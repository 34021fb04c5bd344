"""What every room stands on: errors with their exit codes, verdicts, files written whole, extras.

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
from exactsaddle.base.extras import require
from exactsaddle.base.files import check_writable, write_atomically
from exactsaddle.base.verdict import Status, Verdict

__all__ = [
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
    "check_writable",
    "require",
    "write_atomically",
]
