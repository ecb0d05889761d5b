"""The one file that only the pipeline opens: connection, lock, calendar."""
