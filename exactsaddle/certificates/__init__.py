"""Certificates: what a path claims as one document, and the calls of the programs that check it.

CERTIFICATE.md says what each claim means. The checkers are in ``proofs_checks`` and share nothing with this.
"""

from exactsaddle.certificates.checkers import (
    EXACT_CHECKER,
    INTERVAL_CHECKER,
    checker_command,
    checker_source,
)
from exactsaddle.certificates.decided import Checked, checked, verdict_on
from exactsaddle.certificates.descent import DescentCertificate, descent_saddle_to_json, time_bounds
from exactsaddle.certificates.lasso import LassoCertificate, knot_to_json
from exactsaddle.certificates.lasso_events import LassoOutline
from exactsaddle.certificates.outline import DIGITS, NUMBERS, Form, Outline, certificate_of, exact_work
from exactsaddle.certificates.path import STOP, Certificate
from exactsaddle.certificates.penalised import PenalisedCertificate
from exactsaddle.certificates.proved import MAX_WORK, ProvedChecker, proved_command, proved_script
from exactsaddle.certificates.stored import (
    StoredCertificate,
    checker_of,
    is_certificate,
    states_penalty,
    states_stop,
)

__all__ = [
    "DIGITS",
    "EXACT_CHECKER",
    "INTERVAL_CHECKER",
    "MAX_WORK",
    "NUMBERS",
    "STOP",
    "Certificate",
    "Checked",
    "DescentCertificate",
    "Form",
    "LassoCertificate",
    "LassoOutline",
    "Outline",
    "PenalisedCertificate",
    "ProvedChecker",
    "StoredCertificate",
    "certificate_of",
    "checked",
    "checker_command",
    "checker_of",
    "checker_source",
    "descent_saddle_to_json",
    "exact_work",
    "is_certificate",
    "knot_to_json",
    "proved_command",
    "proved_script",
    "states_penalty",
    "states_stop",
    "time_bounds",
    "verdict_on",
]
