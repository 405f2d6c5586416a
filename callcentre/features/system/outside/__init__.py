"""What the page of the system has done outside: an examination by `callcentre doctor`."""
