"""Highly available OpenStack Block Storage with Salt and Pacemaker."""
