"""The definitions, by domain: importing this package registers all of them."""

from oracle.definitions import email, hr, marketing, projects, revenue, sales, search, social, support, web

__all__ = ["email", "hr", "marketing", "projects", "revenue", "sales", "search", "social", "support", "web"]
