"""An event-sourced store of patients' histories, and the studies that run on it."""
