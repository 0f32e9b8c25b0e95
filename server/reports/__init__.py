"""A show's report as files, and its figures as they become."""
