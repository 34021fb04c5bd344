"""What a report says: one module for each section, put together by ``whole`` and ``rejected``."""
