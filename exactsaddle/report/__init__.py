"""Reports: findings about one path, as one document, rendered as HTML, PDF, Markdown, JSON and CSV;
``paper`` is a path in LaTeX, and the files that go with it.

``findings`` computes within budgets, ``contents`` says it, ``renderers`` and ``figures`` show it;
``gallery`` builds the repository's reports/. What every format shares is ``document``; ``as_json`` is what
``--json`` prints. Loaded by name: most of it needs the extra ``report``. No command prints from here.
"""
