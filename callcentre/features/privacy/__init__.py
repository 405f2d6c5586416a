"""What is known about a person: the address by which commands and other systems have it erased."""
