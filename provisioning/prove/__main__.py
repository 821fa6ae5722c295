"""A field technician's day on one machine, each step printed; exit status 0: all went well.

    python -m provisioning.prove BUNDLE NEWER

An empty Debian root; the bundle is installed with no network; the system is started; the network
comes, and the kiosk enrols at a hub and takes a pack from it; the page is opened; the doctor
examines it; the plug is pulled in the middle of an update, and again; the update, and back; a kiosk
that cannot start; uninstalled.

Needs root, debootstrap, systemd-container, iproute2, mosquitto and a kernel with loop devices and
ext4. There is no screen and no sound device in it; `grim` takes a picture of the page, if it is
there.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from provisioning.prove.container import Container, empty_root, make_network
from provisioning.prove.disk import Disk
from provisioning.prove.head_office import ENROL, HeadOffice

DEVICE = "hall-1-a"
PACK = Path(__file__).parents[2] / "knowledge/packs/gov-hall"
QUESTION = "社保卡丢了怎么补"
ANSWER = "gov.social_card.reissue"
UNIT = "lobby-kiosk.service"
CUTS_S = (3.0, 15.0, 30.0, 45.0, 60.0, 75.0)
"""After the beginning of an update."""
VENV = "/opt/lobby-kiosk/current/venv/bin/"
RESTARTS = "/opt/lobby-kiosk/restarts.json"
SITE = f"""\
device = "{DEVICE}"
[label]
hall = "示例市政务服务大厅"
site = "hall-1"
region = "south"
window = "3"
[staff]
phone = "0571-00000000"
[hub]
enrol = "{ENROL}"
token = "%s"
ca = "ca.pem"
"""


SCREEN = "lobby-kiosk-screen.service"
IN_MEMORY = """\
[Unit]
ConditionPathExists=
[Service]
PAMName=
TTYPath=
TTYReset=no
TTYVHangup=no
TTYVTDisallocate=no
StandardInput=null
UtmpIdentifier=
Environment=WLR_BACKENDS=headless WLR_RENDERER=pixman XDG_RUNTIME_DIR=/run/lobby-kiosk-screen
"""
OPENED = (
    "import json, urllib.request as u;"
    "print(json.load(u.urlopen('http://127.0.0.1:8080/health', timeout=5))['screen']['state'])"
)


class Day:
    """What is done, in its order."""

    def __init__(self, bundle: Path, newer: Path, folder: Path) -> None:
        self._bundle, self._newer, self._folder = bundle, newer, folder
        release = json.loads((bundle / "bundle.json").read_text("utf-8"))["release"]
        step("an empty Debian")
        empty = empty_root(release, folder)
        self.disk = Disk(folder / "disk.ext4", folder / "root")
        subprocess.run(["cp", "-a", f"{empty}/.", self.disk.root], check=True)
        make_network()
        self.office = HeadOffice(folder / "office")
        shown = [(bundle, "/media/bundle"), (newer, "/media/newer")]
        self.kiosk = Container(self.disk, shown, folder / "boot.log")

    def install(self) -> None:
        """No network at all."""
        self.office.open()
        step("a token by the hub's admin, into the site file")
        site = self._folder / "site"
        site.mkdir(exist_ok=True)
        (site / "site.toml").write_text(SITE % self.office.token(DEVICE), "utf-8")
        (site / "ca.pem").write_bytes(self.office.ca.read_bytes())
        step("install, network off")
        script, root = str(self._bundle / "install.sh"), str(self.disk.root)
        command = ["unshare", "--net", "bash", script, "--root", root]
        subprocess.run([*command, "--site", str(site / "site.toml")], check=True)

    def start(self) -> None:
        """As when it is switched on in the hall."""
        self.kiosk.start()
        told = f"serving after {self.kiosk.ready_s():.0f} s"
        step(f"{told}; {self.kiosk.inside('systemctl', 'show', '-P', 'StatusText', UNIT)}")

    def ask(self) -> None:
        """One question, of the kiosk's own program."""
        printed = self.kiosk.inside("kiosk", "ask", QUESTION, "--json")
        row = json.loads(printed.splitlines()[-1])
        print(f"{QUESTION} -> {row['outcome']} {row['answer_id']}", flush=True)
        if row["answer_id"] != ANSWER:
            raise ValueError(printed)

    def enrol(self) -> None:
        """By the timer: nobody does anything."""
        step("enrolment without the hub")
        time.sleep(20)
        print(self._journal("lobby-kiosk-enrol.service", 4), flush=True)
        before = self.kiosk.inside("systemctl", "show", "-P", "MainPID", UNIT)
        step("the network comes")
        self.office.connect()
        row = self.office.wait_online(DEVICE)
        print(self._journal("lobby-kiosk-enrol.service", 3))
        after = self.kiosk.inside("systemctl", "show", "-P", "MainPID", UNIT)
        print(f"the kiosk's process before and after: {before}, {after}")
        print(self.office.fleet("show", DEVICE), flush=True)
        if row["site"] != "hall-1" or before == after:
            raise ValueError(row)

    def push(self) -> None:
        """A newer pack, over the network: pulled, tried by the kiosk's own questions, in use."""
        step("a newer pack from the hub")
        pack = self._folder / "pack"
        shutil.rmtree(pack, ignore_errors=True)
        shutil.copytree(PACK, pack)
        manifest = pack / "manifest.yaml"
        text, count = re.subn(r"(?m)^version: \d+", "version: 1000", manifest.read_text("utf-8"))
        if count != 1:
            raise ValueError(manifest)
        manifest.write_text(text, "utf-8")
        self.office.fleet("push", str(pack), "--all", "--yes")
        row = self.office.wait_online(DEVICE)
        print(f"in use: {row['pack']}", flush=True)
        if row["pack"] != "gov-hall@1000":
            raise ValueError(row)

    def show_page(self) -> None:
        """The screen's own unit, but that it draws into memory and has no console."""
        step("the page in its compositor")
        folder = self.disk.root / f"etc/systemd/system/{SCREEN}.d"
        folder.mkdir()
        (folder / "prove.conf").write_text(IN_MEMORY, "utf-8")
        self.kiosk.inside("systemctl", "daemon-reload")
        self.kiosk.inside("systemctl", "start", SCREEN)
        self._wait(lambda: self.kiosk.inside("python3", "-c", OPENED) == "on", "the page", 90)
        time.sleep(5)
        picture = self._folder / "screen.png"
        runtime = f"/proc/{self.kiosk.first()}/root/run/lobby-kiosk-screen"
        taken = subprocess.run(
            ["grim", str(picture)],
            env={"XDG_RUNTIME_DIR": runtime, "WAYLAND_DISPLAY": "wayland-0"}, check=False,
        )  # fmt: skip
        print(
            f"the kiosk: its page is open; picture: {picture if not taken.returncode else 'none'}"
        )
        print(self._journal(SCREEN, 5), flush=True)
        self.kiosk.inside("systemctl", "stop", SCREEN)
        shutil.rmtree(folder)
        self.kiosk.inside("systemctl", "daemon-reload")

    def examine(self) -> None:
        """Exit status 3 is expected: a container has neither microphone nor screen."""
        step("doctor")
        for kind in ("html", "pdf"):
            report = f"/root/report.{kind}"
            done = subprocess.run(
                self.kiosk.command("kiosk", "doctor", "--report", report), check=False
            )
            made = self.disk.root / report[1:]
            print(f"exit status {done.returncode}; {made}: {made.stat().st_size} bytes", flush=True)

    def cut_updates(self) -> None:
        """Whatever was done until then: the old version or the new one, whole."""
        for after_s in CUTS_S:
            step(f"update; the plug is pulled after {after_s:.0f} s")
            command = self.kiosk.command("kiosk", "provision", "update", "/media/newer")
            with subprocess.Popen(command) as update:
                time.sleep(after_s)
                done = update.poll() is not None
                self.kiosk.pull_the_plug()
            self.start()
            self.ask()
            self.office.wait_online(DEVICE)
            print(self.kiosk.inside("kiosk", "provision", "versions"), flush=True)
            if done:
                print("the update had ended by then")
                break

    def update_and_back(self) -> None:
        """Unhindered."""
        for words in (("update", "/media/newer"), ("rollback",)):
            step(" ".join(words))
            begin = time.monotonic()
            subprocess.run(self.kiosk.command("kiosk", "provision", *words), check=True)
            print(f"{time.monotonic() - begin:.0f} s", flush=True)
            self.kiosk.ready_s()
            print(self.kiosk.inside("kiosk", "provision", "versions"))
            self.ask()
            row = self.office.wait_online(DEVICE)
            print(f"the hub: {row['state']}, {row.get('app') or row.get('pack')}", flush=True)

    def last_resort(self) -> None:
        """A program that cannot start: the machine is started anew, but not for ever."""
        step("the kiosk's Python is gone")
        self.kiosk.inside("mv", f"{VENV}python", f"{VENV}python.away")
        self.kiosk.inside("systemctl", "kill", "-s", "KILL", UNIT)
        for _ in range(2):
            self.kiosk.restarts()
            times = json.loads(self.kiosk.inside("cat", RESTARTS))
            step(f"the machine has started anew; restarts noted: {len(times)}")
        self._wait(self._gave_up, "the end of the third round")
        time.sleep(30)
        self.kiosk.first()
        step(
            "it is left running; the last resort waits: "
            + self._state("lobby-kiosk-reboot.service")
        )
        self.kiosk.inside("mv", f"{VENV}python.away", f"{VENV}python")
        self.kiosk.inside("systemctl", "stop", "lobby-kiosk-reboot.service")
        self.kiosk.inside("systemctl", "reset-failed", UNIT)
        self.kiosk.inside("systemctl", "start", UNIT)
        step(f"mended by hand: serving after {self.kiosk.ready_s():.0f} s")

    def uninstall(self) -> None:
        """What is left is named."""
        step("uninstall")
        print(self.kiosk.inside("kiosk", "provision", "uninstall", "--purge"))
        places = ("/opt", "/etc", "/usr/local", "/var/lib")
        print(self.kiosk.inside("find", *places, "-iname", "*lobby-kiosk*"))

    def facts(self) -> None:
        """Of the units."""
        step("units")
        names = ("lobby-kiosk.service", "lobby-kiosk-enrol.timer", "lobby-kiosk-trial.service")
        self.kiosk.inside("systemd-analyze", "verify", *names)
        print(self._state("--failed"))
        score = self.kiosk.inside("systemd-analyze", "--no-pager", "security", UNIT)
        print(score.splitlines()[-1], flush=True)

    def _journal(self, unit: str, lines: int) -> str:
        return self.kiosk.inside(
            "journalctl", "--no-pager", "-o", "cat", "-u", unit, f"-n{lines}"
        )  # fmt: skip

    def _state(self, unit: str) -> str:
        words = ("systemctl", "--no-pager", "--no-legend", "list-units", "--all", unit)
        return self.kiosk.inside(*words) or "nothing"

    def _gave_up(self) -> bool:
        try:
            return "activating" in self._state("lobby-kiosk-reboot.service")
        except subprocess.CalledProcessError:
            return False

    def _wait(self, found: Callable[[], bool], what: str, patience_s: float = 300) -> None:
        end = time.monotonic() + patience_s
        while not found():
            if time.monotonic() > end:
                print(self.kiosk.inside("journalctl", "--no-pager", "-n60"))
                raise TimeoutError(what)
            time.sleep(1)


def step(said: str) -> None:
    """A line of its own."""
    print(f"== {time.strftime('%T')} {said}", flush=True)


def main() -> None:
    """The whole day."""
    about = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    about.add_argument("bundle", type=Path)
    about.add_argument("newer", type=Path)
    about.add_argument("--folder", type=Path, default=Path("/var/tmp/lobby-kiosk-prove"))  # noqa: S108
    told = about.parse_args()
    if os.geteuid() != 0:
        about.error("needs root")
    told.folder.mkdir(parents=True, exist_ok=True)
    day = Day(told.bundle.resolve(), told.newer.resolve(), told.folder.resolve())
    with ExitStack() as at_end:
        at_end.callback(day.office.close)
        at_end.callback(day.kiosk.stop)
        day.install()
        step("start")
        day.start()
        day.facts()
        day.ask()
        day.enrol()
        day.push()
        day.show_page()
        day.examine()
        day.cut_updates()
        day.update_and_back()
        day.last_resort()
        day.uninstall()
    step("all is well")


if __name__ == "__main__":
    main()
