"""People: sign up, sign in, stay signed in, be a guest."""
