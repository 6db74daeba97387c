"""What is known, put into words for whoever must answer for it: who has to act next, why, and what to tell them."""
