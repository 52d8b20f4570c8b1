"""The business flows: one bounded piece of work each, over ports and stores. A DAG task runs one; so does a test.

They know no partner and no protocol: ``gateway.bootstrap`` hands them the adapters.
"""
