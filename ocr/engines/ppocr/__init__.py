"""The PP-OCR networks and how their readings are refined."""
