"""The shipped prompts, and how they come into an Asterisk sounds folder."""

import hashlib
import importlib.machinery
import importlib.util
import json
import os
import wave
from pathlib import Path
from types import ModuleType

import pytest

from callcentre.telephony.sounds import SoundsError, install, missing, share, texts
from callcentre.values.languages import LANGUAGES

SOUNDS = share()
EVERY_PROMPT = [(language, name) for language in LANGUAGES for name in texts(language)]

SENTENCES = {
    *("please-wait", "press-star", "goodbye"),
    *("offer-wait-before", "offer-wait-unknown"),
    *("offer-callback", "offer-callback-same", "offer-callback-other"),
    *("enter-number", "number-heard", "number-confirm", "number-refused"),
    *("callback-confirmed", "callback-taken", "callback-exists"),
    *("no-callback-now", "no-callback-closing", "no-callback-short", "no-callback-full"),
    *("back-in-queue", "returned", "returned-cancelled"),
    *("call-intro", "call-accept", "call-accepted", "call-cancelled", "call-postponed", "call-later"),
    *("notice-intro", "notice-place", "notice-choice", "notice-again", "notice-kept"),
    *("agent-whisper", "agent-unanswered"),
}


# --- the recordings ------------------------------------------------------------------------------


def test_every_language_says_the_same_prompts() -> None:
    assert {language: set(texts(language)) for language in LANGUAGES} == {
        language: {
            *SENTENCES,
            *(f"digits/{digit}" for digit in range(10)),
            *(f"numbers/{number}" for number in range(61)),
            "numbers/more-than-60",
            *(f"minutes/{minutes}" for minutes in range(1, 61)),
            "minutes/more-than-60",
        }
        for language in LANGUAGES
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_has_its_recording_and_every_recording_its_text(language: str) -> None:
    folder = SOUNDS / language
    recorded = {path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.wav")}
    assert recorded == set(texts(language))


def test_every_recording_is_what_asterisk_calls_wav_and_of_a_sensible_length() -> None:
    wrong = {}
    said = {language: texts(language) for language in LANGUAGES}
    for language, name in EVERY_PROMPT:
        with wave.open(str(SOUNDS / language / f"{name}.wav")) as recording:
            form = (recording.getframerate(), recording.getsampwidth(), recording.getnchannels())
            seconds = recording.getnframes() / recording.getframerate()
        if name in SENTENCES:
            # The voices speak 10 to 20 characters a second; nobody listens to more than 20 seconds.
            letters = len(said[language][name])
            shortest, longest = letters / 22, min(letters / 8, 20)
        else:
            shortest, longest = 0.2, 3 if "minutes" in name else 2
        if form != (8000, 2, 1) or not shortest < seconds < longest:
            wrong[language, name] = (form, seconds)
    assert wrong == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_numbers_or_minutes_sound_the_same(language: str) -> None:
    for kind in ("numbers", "minutes"):
        files = sorted((SOUNDS / language / kind).glob("*.wav"))
        assert len({path.read_bytes() for path in files}) == len(files)


@pytest.fixture(scope="module")
def script() -> ModuleType:
    path = str(Path(__file__).parents[3] / "scripts" / "sounds")
    loader = importlib.machinery.SourceFileLoader("sounds_script", path)
    spec = importlib.util.spec_from_loader("sounds_script", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_was_changed_since_it_was_recorded(language: str, script: ModuleType) -> None:
    said = script.spoken(language, texts(language))
    noted = json.loads((SOUNDS / language / "recorded.json").read_text())
    assert noted == {name: script.made_from(language, text) for name, text in said.items()}


@pytest.mark.parametrize(
    ("name", "text", "given"),
    [
        ("numbers/18", "arton", "18"),
        ("numbers/41", "fyrtioett", "41"),
        ("minutes/1", "en minut", "en [[mIn'u-t]]"),
        ("minutes/21", "tjugoen minuter", "20 en [[mIn'u-t@r]]"),
        ("minutes/32", "trettiotvå minuter", "32 [[mIn'u-t@r]]"),
        ("numbers/more-than-60", "mer än sextio", "mer än 60"),
        (
            "callback-exists",
            "Du har redan beställt en återuppringning. Din plats i kön är",
            "Du har redan beställt en återuppringning. Din plats i [[k'Y:n]] är",
        ),
        (
            "call-postponed",
            "Vi ringer igen om ungefär femton minuter. Hej då.",
            "Vi ringer [[ij'En]] om ungefär 15 [[mIn'u-t@r]]. Hej då.",
        ),
        (
            "call-intro",
            "Hej. Det här är återuppringningen som du bad om när du väntade i vår kö.",
            "Hej. Det här är återuppringningen som du bad om när du väntade i vår [[k'Y:]].",
        ),
    ],
)
def test_swedish_is_respelled_where_the_voice_misreads_it(name: str, text: str, given: str, script: ModuleType) -> None:
    said = texts("sv")
    assert said[name] == text
    assert script.spoken("sv", said)[name] == given


@pytest.mark.parametrize(
    ("language", "name", "text"),
    [
        ("en", "minutes/1", "one minute"),
        ("en", "minutes/42", "forty-two minutes"),
        ("fi", "numbers/0", "nolla"),
        ("fi", "numbers/17", "seitsemäntoista"),
        ("fi", "numbers/60", "kuusikymmentä"),
        ("fi", "minutes/1", "yksi minuutti"),
        ("fi", "minutes/2", "kaksi minuuttia"),
        ("fi", "minutes/21", "kaksikymmentäyksi minuuttia"),
        ("sv", "numbers/1", "ett"),
        ("sv", "minutes/1", "en minut"),
        ("sv", "minutes/31", "trettioen minuter"),
    ],
)
def test_numbers_and_minutes_follow_the_grammar_of_the_language(language: str, name: str, text: str) -> None:
    assert texts(language)[name] == text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "no such file"),
        ("a: [1", "is not YAML"),
        ("- a\n- b\n", "must be lines of the form"),
        ("a: {b: c}\n", "must be lines of the form"),
        ("a:\n", "must be lines of the form"),
    ],
)
def test_texts_that_cannot_be_read_are_reported_with_their_file(tmp_path: Path, content: str | None, said: str) -> None:
    (tmp_path / "en").mkdir()
    if content is not None:
        (tmp_path / "en" / "prompts.yaml").write_text(content)
    with pytest.raises(SoundsError, match=said) as reported:
        texts("en", tmp_path)
    assert str(tmp_path / "en" / "prompts.yaml") in str(reported.value)


# --- installing ----------------------------------------------------------------------------------


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    """A share of two prompts a language."""
    folder = tmp_path / "ours"
    for language in LANGUAGES:
        (folder / language / "numbers").mkdir(parents=True)
        (folder / language / "prompts.yaml").write_text("hello: hello\nnumbers/7: seven\n")
        (folder / language / "hello.wav").write_bytes(f"hello {language}".encode())
        (folder / language / "numbers" / "7.wav").write_bytes(f"seven {language}".encode())
    return folder


@pytest.fixture
def asterisk(tmp_path: Path) -> Path:
    folder = tmp_path / "asterisk"
    (folder / "en").mkdir(parents=True)
    return folder


def names(*prompts: str) -> tuple[str, ...]:
    return tuple(f"{language}/callcentre/{prompt}" for language in LANGUAGES for prompt in prompts)


def content(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_prompts_are_installed_by_language(asterisk: Path) -> None:
    report = install(asterisk)
    assert report.installed == tuple(f"{language}/callcentre/{name}" for language, name in EVERY_PROMPT)
    installed = content(asterisk)
    for language, name in EVERY_PROMPT:
        shipped = (SOUNDS / language / f"{name}.wav").read_bytes()
        assert installed[f"{language}/callcentre/{name}.wav"] == shipped


def test_installing_again_changes_nothing(asterisk: Path, ours: Path) -> None:
    install(asterisk, ours)
    before = {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in asterisk.rglob("*")}
    report = install(asterisk, ours)
    assert report.unchanged == names("hello", "numbers/7")
    assert (report.installed, report.updated, report.kept) == ((), (), ())
    # Not the time of access: looking changes it.
    assert {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in asterisk.rglob("*")} == before


def test_our_older_recording_is_brought_up_to_date(asterisk: Path, ours: Path) -> None:
    install(asterisk, ours)
    (ours / "fi" / "hello.wav").write_bytes(b"better")
    report = install(asterisk, ours)
    assert report.updated == ("fi/callcentre/hello",)
    assert (asterisk / "fi/callcentre/hello.wav").read_bytes() == b"better"
    assert install(asterisk, ours).updated == ()


@pytest.mark.parametrize("file", ["hello.wav", "hello.gsm", "hello.sln16", "hello.WAV", "hello.g726-32"])
@pytest.mark.parametrize("installed_before", [False, True])
def test_an_administrators_own_recording_is_preferred_to_ours(
    asterisk: Path, ours: Path, file: str, installed_before: bool
) -> None:
    if installed_before:
        install(asterisk, ours)
    own = asterisk / "fi" / "callcentre" / file
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_bytes(b"my own voice")
    for _ in range(2):
        (ours / "fi" / "hello.wav").write_bytes(os.urandom(8))
        report = install(asterisk, ours)
        assert report.kept == (f"fi/callcentre/{file}",)
        assert own.read_bytes() == b"my own voice"
        assert [path.name for path in own.parent.glob("hello.*")] == [file]


def test_our_recording_comes_back_when_the_administrators_own_is_gone(asterisk: Path, ours: Path) -> None:
    own = asterisk / "fi" / "callcentre" / "hello.gsm"
    own.parent.mkdir(parents=True)
    own.write_bytes(b"my own voice")
    install(asterisk, ours)
    own.unlink()
    assert install(asterisk, ours).installed == ("fi/callcentre/hello",)


def test_what_is_no_recording_by_the_prompts_name_does_not_hide_it(asterisk: Path, ours: Path) -> None:
    folder = asterisk / "fi" / "callcentre"
    folder.mkdir(parents=True)
    (folder / "hello.txt").write_text("a note")
    assert "fi/callcentre/hello" in install(asterisk, ours).installed
    assert (folder / "hello.txt").read_text() == "a note"


def test_a_run_cut_off_in_the_middle_leaves_no_recording_of_ours_for_somebody_elses(
    asterisk: Path, ours: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(asterisk, ours)
    (ours / "en" / "hello.wav").write_bytes(b"second")

    class CutOff(BaseException):
        pass

    replace = os.replace
    replaced: list[Path] = []

    def replace_one_prompt(beside: str, path: Path) -> None:
        if replaced:
            raise CutOff
        replace(beside, path)
        if path.suffix == ".wav":
            replaced.append(path)

    monkeypatch.setattr("os.replace", replace_one_prompt)
    with pytest.raises(CutOff):
        install(asterisk, ours)
    monkeypatch.undo()
    assert replaced == [asterisk / "en/callcentre/hello.wav"]
    (ours / "en" / "hello.wav").write_bytes(b"third")
    report = install(asterisk, ours)
    assert (report.kept, report.updated) == ((), ("en/callcentre/hello",))
    assert not [path for path in asterisk.rglob("*") if path.suffix == ".new"]


def test_the_manifest_is_one_that_sha256sum_checks(asterisk: Path, ours: Path) -> None:
    install(asterisk, ours)
    lines = (asterisk / "sv/callcentre/.installed").read_text().splitlines()
    assert lines == [
        f"{hashlib.sha256(said.encode()).hexdigest()}  {file}"
        for said, file in (("hello sv", "hello.wav"), ("seven sv", "numbers/7.wav"))
    ]


def test_a_damaged_manifest_makes_us_keep_what_we_do_not_know(asterisk: Path, ours: Path) -> None:
    install(asterisk, ours)
    (asterisk / "en/callcentre/.installed").write_bytes(b"\xff\x00nonsense\n")
    (ours / "en" / "hello.wav").write_bytes(b"second")
    report = install(asterisk, ours)
    assert report.kept == ("en/callcentre/hello.wav",)
    assert "en/callcentre/numbers/7" in report.unchanged


def test_asterisk_may_read_what_was_installed_under_any_umask(asterisk: Path, ours: Path) -> None:
    before = os.umask(0o077)
    try:
        install(asterisk, ours)
    finally:
        os.umask(before)
    for path in (asterisk / "fi").rglob("*"):
        assert path.stat().st_mode & 0o777 == (0o755 if path.is_dir() else 0o644)


def test_a_folder_that_is_not_there_is_reported_with_where_to_look(tmp_path: Path) -> None:
    with pytest.raises(SoundsError) as reported:
        install(tmp_path / "nowhere")
    assert str(reported.value).startswith(f"{tmp_path / 'nowhere'}: no such folder; name the sounds folder of Asterisk")
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("blocked", ["fi", "fi/callcentre", "fi/callcentre/numbers"])
def test_a_folder_that_cannot_be_written_is_reported_with_the_fix(asterisk: Path, ours: Path, blocked: str) -> None:
    # A file in a folder's place fails for every user, root too.
    (asterisk / blocked).parent.mkdir(parents=True, exist_ok=True)
    (asterisk / blocked).write_bytes(b"")
    with pytest.raises(SoundsError) as reported:
        install(asterisk, ours)
    assert str(reported.value).startswith(f"{asterisk}: cannot write below it: ")
    assert "run this again as a user who may write there" in str(reported.value)


def test_missing_prompts_are_named_for_the_languages_asked(asterisk: Path) -> None:
    assert missing(asterisk) == [f"{language}/callcentre/{name}" for language, name in EVERY_PROMPT]
    install(asterisk)
    (asterisk / "fi/callcentre/please-wait.wav").unlink()
    (asterisk / "sv/callcentre/numbers/7.wav").rename(asterisk / "sv/callcentre/numbers/7.gsm")
    assert missing(asterisk) == ["fi/callcentre/please-wait"]
    assert missing(asterisk, ["en", "sv"]) == []
