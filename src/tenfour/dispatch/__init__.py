"""Dispatch: which unit, why, and who was passed over; the timers that watch over it."""
