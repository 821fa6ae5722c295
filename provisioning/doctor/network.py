"""Is there a network? The kiosk answers without: nothing here is more than a note."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import psutil

from provisioning.doctor.row import Row
from provisioning.doctor.subject import Subject

TITLE = "网络"


def look(subject: Subject) -> Iterator[Row]:
    """Look at links, addresses and the way out."""
    root = subject.layout.root
    addresses = {
        name: [each.address for each in found if each.family == socket.AF_INET]
        for name, found in psutil.net_if_addrs().items()
    }
    yield judge(links(root), addresses, gateway(root))


def links(root: Path) -> list[str]:
    """Names of the interfaces that have a line, without the machine's own."""
    folder = root / "sys/class/net"
    found = []
    for each in sorted(folder.iterdir()) if folder.is_dir() else ():
        try:
            state = (each / "operstate").read_text("ascii").strip()
        except (OSError, UnicodeDecodeError):
            continue
        if state == "up":
            found.append(each.name)
    return found


def gateway(root: Path) -> str:
    """IPv4, of the default route; empty: none."""
    try:
        lines = (root / "proc/net/route").read_text("ascii").splitlines()[1:]
    except (OSError, UnicodeDecodeError):
        return ""
    for line in lines:
        fields = line.split()
        if len(fields) > 2 and fields[1] == "00000000" and fields[2] != "00000000":
            # The kernel prints the four bytes as one number of this machine's byte order.
            return socket.inet_ntoa(int(fields[2], 16).to_bytes(4, "little"))
    return ""


def judge(up: Sequence[str], addresses: Mapping[str, Sequence[str]], way_out: str) -> Row:
    """`addresses`: IPv4, by interface. `way_out`: the gateway."""
    own = [f"{name} {address}" for name in up for address in addresses.get(name, ())]
    figures = {"up": " ".join(up), "addresses": "，".join(own), "gateway": way_out}
    if not up:
        mend = "不影响本地问答；要联网时插好网线或设好无线网"
        return Row("network", "note", TITLE, "没有连上任何网络", mend, figures)
    if not own:
        mend = "不影响本地问答；要联网时请网络管理员分配地址"
        return Row("network", "note", TITLE, f"{'、'.join(up)} 没有地址", mend, figures)
    if not way_out:
        found = f"{'，'.join(own)}，没有网关"
        mend = "管理平台不在同一网段时，请网络管理员设网关"
        return Row("network", "note", TITLE, found, mend, figures)
    return Row("network", "ok", TITLE, f"{'，'.join(own)}，网关 {way_out}", "", figures)
