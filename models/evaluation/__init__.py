"""Benchmarks: programs whose output is quoted, never timed tests."""
