"""`/openapi.json`, written from the declarations."""
