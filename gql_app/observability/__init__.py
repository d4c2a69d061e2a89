"""What operations do, told to logs, metrics and traces."""
