"""GraphQL over HTTP: one endpoint, its documents, its probes."""
