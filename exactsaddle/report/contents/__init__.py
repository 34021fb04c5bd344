"""What a report says, section by section: findings as blocks of the document, computed elsewhere."""
