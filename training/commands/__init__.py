"""One module per command: ``add`` declares its arguments, its ``run`` does the work and imports what is heavy."""
