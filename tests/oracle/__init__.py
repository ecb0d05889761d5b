"""A second opinion on every KPI: its definition's words in plain dataframes, written without looking at the SQL.

Where the two disagree, one of them misreads the definition, or the definition leaves a choice open.
"""
