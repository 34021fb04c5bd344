"""How a path is found: in rationals throughout, or with every decision proved by bounds.

``ball`` runs Algorithm 1 by bounds: ``curve`` proposes and proves in binary64, near the true path by the
theorem that ``ledger`` keeps account of (MATHEMATICS.md §7); what it leaves open on a plateau ``local``
settles, at rising precision (``trajectory``, ``fit``) or exactly, and the next plateau is in binary64 again.
``history`` is what readers of numbers share. With radii for the data, ``curve`` proves the same of all data
in a box (``exactsaddle.path.certain``).
"""
