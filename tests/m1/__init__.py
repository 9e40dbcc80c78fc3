"""The reconstructed M1 cohort against its published figures, recomputed with pandas and lifelines alone."""
