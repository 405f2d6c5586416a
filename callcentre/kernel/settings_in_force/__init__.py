"""The administrator's rules. When they are read again, they apply from the next event on."""
