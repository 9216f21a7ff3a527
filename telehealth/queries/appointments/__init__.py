"""Slots, appointments, groups and seats."""
