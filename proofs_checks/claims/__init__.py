"""The statements of the paper and of this project, one module each, checked by machine (see ledger)."""
