"""Heat and throttling, read from machines made of files."""

from __future__ import annotations

from pathlib import Path

import pytest

from hardware.thermal import Thermal, read


class Machine:
    """A root with what its kernel tells."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def says(self, path: str, text: str) -> None:
        """Write one file of sysfs."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def zone(self, number: int, kind: str, temp: str) -> None:
        """A thermal zone."""
        self.says(f"sys/class/thermal/thermal_zone{number}/type", f"{kind}\n")
        self.says(f"sys/class/thermal/thermal_zone{number}/temp", f"{temp}\n")

    def program(self, script: str) -> None:
        """Its vcgencmd."""
        self.says("usr/bin/vcgencmd", f"#!/bin/sh\n{script}\n")
        (self.root / "usr/bin/vcgencmd").chmod(0o755)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_machine_that_tells_nothing(machine: Machine) -> None:
    assert read(machine.root) == Thermal(None, frozenset())


def test_a_raspberry_pi_at_its_limit(machine: Machine) -> None:
    machine.zone(0, "cpu-thermal", "81200")
    machine.says("sys/devices/platform/soc/soc:firmware/get_throttled", "5000d\n")
    assert read(machine.root) == Thermal(81.2, frozenset({"under_voltage", "throttled", "hot"}))


def test_what_was_long_ago_is_not_now(machine: Machine) -> None:
    machine.says("sys/devices/platform/soc@107c000000/soc:firmware/get_throttled", "50000\n")
    assert read(machine.root).throttled == frozenset()


def test_its_program_is_asked_where_sysfs_has_nothing(machine: Machine) -> None:
    machine.program('test "$1" = get_throttled && echo throttled=0x50005')
    assert read(machine.root).throttled == {"under_voltage", "throttled"}


@pytest.mark.parametrize("script", ["exit 255", "echo VCHI initialization failed", "echo a=b"])
def test_a_program_that_cannot_say(machine: Machine, script: str) -> None:
    machine.program(script)
    assert read(machine.root).throttled == frozenset()


def test_a_voltage_alarm(machine: Machine) -> None:
    machine.says("sys/class/hwmon/hwmon1/name", "rpi_volt\n")
    machine.says("sys/class/hwmon/hwmon1/in0_lcrit_alarm", "1\n")
    assert read(machine.root).throttled == {"under_voltage"}


def test_a_jetson_s_power_chip_is_not_asked(machine: Machine) -> None:
    machine.zone(0, "CPU-therm", "61500")
    machine.zone(1, "GPU-therm", "58000")
    machine.zone(2, "PMIC-Die", "100000")
    assert read(machine.root).celsius == 61.5


def test_the_hottest_of_a_jetson_s_processor(machine: Machine) -> None:
    machine.zone(0, "cpu-thermal", "71000")
    machine.zone(8, "tj-thermal", "74500")
    machine.zone(9, "gpu-thermal", "79000")
    assert read(machine.root).celsius == 74.5


def test_a_pc_without_zones_has_its_chip(machine: Machine) -> None:
    machine.zone(0, "iwlwifi_1", "90000")
    machine.says("sys/class/hwmon/hwmon3/name", "k10temp\n")
    machine.says("sys/class/hwmon/hwmon3/temp1_input", "66250\n")
    assert read(machine.root).celsius == 66.25


def test_a_zone_that_is_broken_tells_nothing(machine: Machine) -> None:
    machine.zone(0, "cpu-thermal", "")
    machine.zone(1, "cpu-thermal", "-274000")
    machine.zone(2, "acpitz", "27800")
    assert read(machine.root).celsius == 27.8


@pytest.mark.parametrize(
    ("kind", "state", "slow"),
    [
        ("Processor", "3", True),
        ("cpufreq-cpu0", "1", True),
        ("intel_powerclamp", "-1", False),
        ("pwm-fan", "4", False),
        ("Processor", "0", False),
    ],
)
def test_cooling_by_working_less(machine: Machine, kind: str, state: str, slow: bool) -> None:
    machine.says("sys/class/thermal/cooling_device0/type", f"{kind}\n")
    machine.says("sys/class/thermal/cooling_device0/cur_state", f"{state}\n")
    assert (read(machine.root).throttled == {"capped"}) is slow


def test_this_machine_can_be_asked() -> None:
    celsius = read().celsius
    assert celsius is None or -40 <= celsius <= 150
