"""What the school's administrator does: accounts, letters, functions, import reports."""
