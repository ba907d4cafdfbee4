"""What Orderbell is deployed with, and what makes those files that are made: ``python -m deploy.NAME``."""
