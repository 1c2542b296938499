"""Fine-tuning a checkpoint that writes lines: pairs, fit, evaluation, export."""
