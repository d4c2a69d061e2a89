"""The bookshop: its tables, and the GraphQL API over them."""
