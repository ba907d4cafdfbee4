"""Grafana's dashboards, as code: a module for each, the parts that they share, and the JSON that Grafana reads."""
