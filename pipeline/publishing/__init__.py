"""From staged rows to what dashboards read: audit, one atomic publish, kept versions."""
