"""The one road that all data takes (`road`), and the policies it is built of, one a file."""
