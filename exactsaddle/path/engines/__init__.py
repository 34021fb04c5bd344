"""How a path is found: in rationals throughout, or with every decision proved by balls."""
