"""From the bytes of a scan or PDF to a `Document`: text, structure, and where each stands on the page."""
