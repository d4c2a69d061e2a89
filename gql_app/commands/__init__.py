"""Commands of `gql-app` that are more than a few lines: what they do, and their output."""
