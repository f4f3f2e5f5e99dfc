"""What is wrong or dangerous: one declaration for each finding, and the rules that raise it."""
