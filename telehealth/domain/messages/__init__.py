"""What is said when, to whom, and in which words."""
