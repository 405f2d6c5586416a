"""A private Asterisk: its own folder, ports and user; only the modules that queues, ARI and SIP need."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import wave
from collections.abc import Iterable, Mapping
from pathlib import Path

import aiohttp

from tests.testbed.ari import Ari, AriError
from tests.testbed.ports import PortBlock
from tests.testbed.process import TESTBED, Process, program
from tests.testbed.waiting import NotSeenError, until

# What queues, ARI and SIP need, and what a dialplan may use; all other modules only cost time at the start.
MODULES = """
res_timing_timerfd res_crypto res_sorcery_config res_sorcery_memory res_sorcery_astdb res_pjproject
res_http_websocket res_websocket_client res_curl
codec_ulaw codec_alaw codec_gsm codec_resample format_wav format_pcm format_gsm format_sln res_musiconhold
res_rtp_asterisk bridge_simple bridge_holding bridge_softmix bridge_builtin_features
res_pjsip res_pjsip_session res_pjsip_pubsub res_pjsip_sdp_rtp res_pjsip_caller_id res_pjsip_diversion
res_pjsip_endpoint_identifier_ip res_pjsip_endpoint_identifier_user res_pjsip_dtmf_info res_pjsip_rfc3326
res_pjsip_refer res_pjsip_nat res_pjsip_acl res_pjsip_header_funcs res_pjsip_dlg_options res_pjsip_empty_info
res_pjsip_authenticator_digest res_pjsip_outbound_authenticator_digest res_pjsip_registrar chan_pjsip
res_ari res_ari_model res_stasis res_stasis_answer res_stasis_playback res_stasis_recording res_stasis_snoop
res_stasis_device_state app_stasis res_ari_applications res_ari_asterisk res_ari_bridges res_ari_channels
res_ari_device_states res_ari_endpoints res_ari_events res_ari_playbacks res_ari_recordings res_ari_sounds
pbx_config app_queue app_dial app_playback app_exec app_stack app_db app_verbose app_read app_originate
app_userevent app_softhangup app_blind_transfer app_if app_while app_record app_echo app_senddtmf app_playtones
app_system func_callerid func_cdr func_channel func_curl func_cut func_db func_devstate func_dialplan func_env
func_evalexten func_extstate func_global func_hangupcause func_json func_lock func_logic func_math func_module
func_pjsip_aor func_pjsip_contact func_pjsip_endpoint func_rand func_sprintf func_strings func_sysinfo
func_timeout func_uri func_uuid func_version func_volume res_speech res_agi
"""

CRYPTED = "$6$callcentre$WWCAxZSTXuC.EYwBKdao.6DuDRI3JPw.EzQmV2yWJivilS2HDmUzSs3CqldDgWkb1mjviKM/R11klk955cNHC0"
"""The password `callcentre`, as `openssl passwd -6` and `ari mkpasswd` write one (SHA-512, 5000 rounds)."""

Sections = Mapping[str, Mapping[str, str | Iterable[str]]]


def conf(sections: Sections) -> str:
    """The text of an Asterisk configuration file. A value that is a list of texts makes a line for each."""
    lines = []
    for name, keys in sections.items():
        lines.append(f"[{name}]")
        for key, value in keys.items():
            lines += [f"{key}={one}" for one in ([value] if isinstance(value, str) else value)]
        lines.append("")
    return "\n".join(lines)


def silence(file: Path, *, seconds: float) -> None:
    """Write a sound file in which nothing is heard."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(2 * int(8000 * seconds)))


class Asterisk:
    """One instance in `folder` that listens on `address` only. ARI's user and password are callcentre.

    Write its configuration with `write` before `start`, or afterwards followed by `reload`. It can be killed and
    started again in the same folder, on the same ports.
    """

    def __init__(
        self,
        folder: Path,
        *,
        ports: PortBlock,
        address: str = "127.0.0.1",
        name: str = "asterisk",
        rtp_ports: int = 200,
    ) -> None:
        self.folder = folder
        self.name = name
        self.address = address
        self.http_port = ports.port()
        self.sip_port = ports.port()
        self.rtp_ports = ports.udp_range(rtp_ports)
        self.etc = folder / "etc"
        self.log = folder / "log" / "full"
        self.sounds = folder / "data" / "sounds"
        self.recordings = folder / "spool" / "recording"
        self.ari_url = f"http://{address}:{self.http_port}/ari"
        self.ari = Ari(self.ari_url)
        self._run_folder = folder / "run"
        # The path of the control socket may be 107 bytes long at most.
        if len(bytes(self._run_folder / "asterisk.ctl")) > 107:
            self._run_folder = Path(tempfile.mkdtemp(prefix="asterisk-"))
        folder.mkdir(parents=True, exist_ok=True)
        self.process = Process(name, [program("asterisk"), "-C", str(self.etc / "asterisk.conf"), "-f"], folder=folder)
        self._lay_out()

    def _lay_out(self) -> None:
        for part in ("etc", "run", "varlib", "keys/keys", "agi", "spool/recording", "log", "data/sounds", "moh"):
            (self.folder / part).mkdir(parents=True, exist_ok=True)
        for part in ("documentation", "rest-api", "static-http"):
            link = self.folder / "data" / part
            if not link.is_symlink() and (TESTBED / "data" / part).exists():
                link.symlink_to(TESTBED / "data" / part)
        silence(self.folder / "moh" / "silence.wav", seconds=5)
        directories = {
            "astetcdir": self.etc,
            "astmoddir": (TESTBED / "modules").resolve(),
            "astvarlibdir": self.folder / "varlib",
            "astdbdir": self.folder / "varlib",
            "astkeydir": self.folder / "keys",
            "astdatadir": self.folder / "data",
            "astagidir": self.folder / "agi",
            "astspooldir": self.folder / "spool",
            "astrundir": self._run_folder,
            "astlogdir": self.folder / "log",
            "astsbindir": self.folder,
        }
        options = {"verbose": "3", "nocolor": "yes", "documentation_language": "en_US", "live_dangerously": "no"}
        self.write(
            "asterisk.conf", conf({"directories": {k: str(v) for k, v in directories.items()}, "options": options})
        )
        self.write("modules.conf", conf({"modules": {"autoload": "no", "load": [f"{m}.so" for m in MODULES.split()]}}))
        self.write("logger.conf", conf({"general": {}, "logfiles": {"full": "notice,warning,error,verbose"}}))
        self.write(
            "http.conf",
            conf(
                {
                    "general": {
                        "enabled": "yes",
                        "bindaddr": self.address,
                        "bindport": str(self.http_port),
                        "sessionlimit": "1000",
                    }
                }
            ),
        )
        self.write(
            "ari.conf",
            conf(
                {
                    "general": {"enabled": "yes", "websocket_write_timeout": "1000"},
                    "callcentre": {"type": "user", "password": "callcentre", "password_format": "plain"},
                    # Users as administrators make them by mistake; all have the same password.
                    "reader": {"type": "user", "read_only": "yes", "password": "callcentre"},
                    "crypted": {"type": "user", "password": CRYPTED, "password_format": "crypt"},
                }
            ),
        )
        self.write(
            "rtp.conf", conf({"general": {"rtpstart": str(self.rtp_ports[0]), "rtpend": str(self.rtp_ports[-1])}})
        )
        self.write("musiconhold.conf", conf({"default": {"mode": "files", "directory": str(self.folder / "moh")}}))
        self.write(
            "indications.conf",
            conf(
                {
                    "general": {"country": "fi"},
                    "fi": {"description": "Finland", "ringcadence": "1000,4000", "ring": "425/1000,0/4000"},
                }
            ),
        )
        # Records of calls are kept as on any PBX, and written nowhere.
        self.write("cdr.conf", conf({"general": {"enable": "yes"}}))
        self.write("cel.conf", conf({"general": {"enable": "no"}}))
        for name in ("ccss", "features", "stasis", "udptl", "dnsmgr"):
            self.write(f"{name}.conf", conf({"general": {}}))
        for name in ("acl", "queuerules", "websocket_client", "pjproject", "sorcery"):
            self.write(f"{name}.conf", "")

    def write(self, name: str, text: str) -> Path:
        """Put a configuration file into its folder; `name` is like queues.conf."""
        path = self.etc / name
        path.write_text(text, encoding="utf-8")
        return path

    async def start(self, *, within: float = 15) -> None:
        """Start it and wait until ARI answers."""
        await self.process.start()
        try:
            await until(
                self._answers, within=within, awaited=f"ARI of {self.name} at {self.ari_url}", seen=self.last_words
            )
        except NotSeenError:
            await self.kill()
            raise

    async def _answers(self) -> bool:
        if not self.process.running:
            raise NotSeenError(
                f"{self.name} ended with {self.process.exit_code} instead of starting:\n{self.last_words()}"
            )
        try:
            info = await self.ari.get("/asterisk/info", only="status")
        except (aiohttp.ClientError, AriError):
            return False
        # ARI is there before the last modules are: the command line says when everything is.
        return "status" in info and "fully booted" in (await self.cli("core waitfullybooted")).lower()

    def last_words(self) -> str:
        """The end of its logs, for an error."""
        log = self.log.read_text(errors="replace").splitlines()[-25:] if self.log.exists() else []
        return "\n".join(["", *log, self.process.last_words()])

    async def cli(self, command: str) -> str:
        """What its own command line answers, e.g. to `queue show support`."""
        remote = await asyncio.create_subprocess_exec(
            program("asterisk"),
            "-C",
            str(self.etc / "asterisk.conf"),
            "-rx",
            command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            output, _ = await asyncio.wait_for(remote.communicate(), 10)
        except TimeoutError:
            remote.kill()
            await remote.wait()
            raise NotSeenError(f"an answer of {self.name} to '{command}': not seen within 10 s") from None
        return output.decode(errors="replace")

    async def reload(self, module: str = "") -> None:
        """Read the configuration again: of everything, or of a module such as `app_queue.so`."""
        await self.cli(f"module reload {module}".strip())

    async def stop(self) -> None:
        """SIGTERM, then SIGKILL; it can be started again."""
        await self.process.stop()

    async def kill(self) -> None:
        """SIGKILL; it can be started again."""
        await self.process.kill()

    async def restart(self) -> None:
        """End it without a word and start it again in the same folder, with the same ports."""
        await self.kill()
        await self.start()

    async def close(self) -> None:
        """End it for good."""
        await self.ari.close()
        await self.process.stop(within=3)
        shutil.rmtree(self._run_folder, ignore_errors=True)
