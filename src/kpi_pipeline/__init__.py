"""The verbs of the KPI pipeline: ingest, build, audit, publish, and what people read from the result."""

__version__ = "0.1.0"
