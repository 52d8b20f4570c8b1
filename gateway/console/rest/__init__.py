"""REST for programs, one router for each subject; ``gateway.console.api`` joins them below ``/api``.

A route does what the page of the same name does, by the same function of the application layer.
"""
