"""`python -m scripts.reference` brings docs/reference up to date and says which pages it changed."""

from scripts.reference.pages import changed

for page, text in changed().items():
    page.write_text(text, encoding="utf-8")
    print(f"written: {page.name}")
