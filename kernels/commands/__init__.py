"""The subcommands of the command line, one module per family.

Each module has `configure(parser)`, which declares its arguments, and `run(arguments)`, which returns the exit status.
"""
