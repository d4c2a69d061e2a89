"""Accounts: passwords, tokens, and the operations by which people sign in and out."""
