"""What messages need to know: facts, rules, words."""
