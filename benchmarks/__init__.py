"""Benchmarks: the workloads that this project answers for, over HTTP."""
