"""Reports: the same content as HTML, PDF and Markdown; renders results, computes nothing."""
