"""A document in each format: HTML, PDF by Typst, Markdown; and findings for programs, JSON and CSV."""
