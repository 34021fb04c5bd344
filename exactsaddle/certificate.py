"""Certificates: a path as one canonical JSON document that anyone can check (see CERTIFICATE.md)."""
