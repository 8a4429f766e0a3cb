"""Fakes that ship: a journal in memory, a lossy wire, a stopped clock."""
