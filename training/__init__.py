"""The training pipeline: ``python -m training --help``. Run from a checkout; needs the ``train`` extra."""
