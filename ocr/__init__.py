"""From the bytes of a scan or PDF to a `Document`: text, structure, and where each piece stands on the page."""
