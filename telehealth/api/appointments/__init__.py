"""Slots, holds, booking and what comes after it."""
