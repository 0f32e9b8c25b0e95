"""What suggestions are learnt from, and the models that learnt it."""
