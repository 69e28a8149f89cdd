"""What was done, by whom, to what: written with the act, sealed each second, told to whoever listens."""

from .act import act, operation_id, request_hash
from .chains import canonical
from .check import Finding, verify
from .delivery import deliver_once, retry
from .operations import OPERATION_REUSED, Answer, Operation, forget_operations, once, once_outside
from .queries import Trouble, deliveries_in_trouble, set_aside
from .sealer import run_sealer, seal_once
from .service import record
from .tables import JournalEntry

__all__ = [
    "OPERATION_REUSED",
    "Answer",
    "Finding",
    "JournalEntry",
    "Operation",
    "Trouble",
    "act",
    "canonical",
    "deliver_once",
    "deliveries_in_trouble",
    "forget_operations",
    "once",
    "once_outside",
    "operation_id",
    "record",
    "request_hash",
    "retry",
    "run_sealer",
    "seal_once",
    "set_aside",
    "verify",
]
