"""Surveys: people are asked after an answered call how it went, and their answers are stored."""
