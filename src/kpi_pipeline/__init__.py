"""The verbs of the KPI pipeline: ingest, build, audit, publish, and what people read from the result."""

from importlib.metadata import version

__version__ = version("kpi-pipeline")
