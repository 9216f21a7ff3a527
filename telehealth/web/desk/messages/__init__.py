"""The log, the rules, the words, the rehearsal."""
