"""On AWS: events in, sockets through API Gateway, what the clock calls, secrets; no boto3."""
