"""The prompts: whether Asterisk has them in every language."""

from __future__ import annotations

from callcentre.cli.doctor.finding import Finding
from callcentre.telephony import sounds
from callcentre.telephony.ari.client import Client
from callcentre.telephony.ari.model import AriError, NotFound
from callcentre.values.languages import LANGUAGES


async def prompts(client: Client) -> list[Finding]:
    """List all sounds, and look for our prompts."""
    try:
        known = {sound.id: {form.language for form in sound.formats} for sound in await client.sounds.list()}
    except NotFound:
        known = {}  # Asterisk's answer when it has no sounds at all.
    except AriError as error:
        return [Finding("sounds", f"cannot be listed: {error}")]
    findings = []
    for language, texts in {language: sounds.texts(language) for language in LANGUAGES}.items():
        missing = [name for name in texts if language not in known.get(f"callcentre/{name}", ())]
        fix = (
            f"{len(missing)} of {len(texts)} prompts are missing, such as callcentre/{missing[0]}: "
            "`callcentre sounds install <Asterisk's sounds folder>`, then `module reload sounds`"
            if missing
            else None
        )
        findings.append(Finding(f"sounds in {language}", fix))
    return findings
