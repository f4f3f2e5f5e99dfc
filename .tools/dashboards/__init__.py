"""The Grafana dashboards, written as code against Grafana's own schema; `make dashboards` writes the JSON anew."""
