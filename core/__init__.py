"""Values, rules and compiled kernels: pure code that knows no thread, socket, window or database."""
