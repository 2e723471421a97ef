"""What each module of the school day adds to the sample: objects by the name that URLs give them."""
