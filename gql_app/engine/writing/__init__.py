"""Writing: mutations from their input types to the transaction they run in."""
