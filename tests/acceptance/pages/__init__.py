"""The pages in a real browser, beside a real Asterisk: what counts is what a person sees on the screen."""
