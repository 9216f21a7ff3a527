"""The verbs: one use case a function."""
