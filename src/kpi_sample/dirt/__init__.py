"""What goes wrong in exports, planted into the sample: rows that are added to the good ones, never a good one changed.

Each is a copy of a row of its file with one thing wrong, so that it would count if anybody read it. What is planted
where is written down, so that a test can ask quarantine for exactly these rows.
"""

from kpi_sample.dirt import analytics, crm, hr
from kpi_sample.dirt.kinds import Dirt

DIRT: dict[str, tuple[Dirt, ...]] = {**analytics.DIRT, **crm.DIRT, **hr.DIRT}
"""By the layout of a tool, or by the entity where it is in our own columns: what is planted, spread over its files."""
