"""Materials: files and photos as evidence of work, checked, cleaned, kept, and shown to whom they concern."""
