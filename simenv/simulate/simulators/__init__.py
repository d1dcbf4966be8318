"""Simulators by name: each file holds one Simulator."""
