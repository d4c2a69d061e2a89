"""GraphQL over SQLModel: register tables, get a complete, fast, safe API."""

__version__ = "0.1.0"
