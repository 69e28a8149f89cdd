"""What was done, by whom, to what: written with the act, sealed each second, told to whoever listens."""

from .acts import NO_OPERATION, act, answer_of, operation_id, request_hash, response_of
from .chains import canonical
from .check import Finding, verify
from .delivery import deliver_once, retry
from .operations import OPERATION_REUSED, Answer, Operation, forget_operations, once, once_outside
from .queries import Trouble, acts_on, deliveries_in_trouble, set_aside
from .sealer import run_sealer, seal_once
from .service import record
from .tables import JournalEntry

__all__ = [
    "NO_OPERATION",
    "OPERATION_REUSED",
    "Answer",
    "Finding",
    "JournalEntry",
    "Operation",
    "Trouble",
    "act",
    "acts_on",
    "answer_of",
    "canonical",
    "deliver_once",
    "deliveries_in_trouble",
    "forget_operations",
    "once",
    "once_outside",
    "operation_id",
    "record",
    "request_hash",
    "response_of",
    "retry",
    "run_sealer",
    "seal_once",
    "set_aside",
    "verify",
]
