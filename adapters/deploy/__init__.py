"""What is written and packed for a deployment; nothing here runs in one."""
