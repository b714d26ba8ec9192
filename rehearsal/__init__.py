"""The deployment, rehearsed: what would run on AWS, run here by AWS's own tools."""
