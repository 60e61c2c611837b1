"""How well a model agrees with annotation."""
