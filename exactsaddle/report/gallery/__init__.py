"""The gallery: small problems, each with one thing to see, and the reports about them."""
