"""What is said when, in which words, and what became of it."""
