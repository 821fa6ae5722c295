"""Does the broker take this kiosk's certificate, and is it the broker that it says it is?

A handshake and no more: a second MQTT session with this name would end the running kiosk's.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

from provisioning.doctor.row import Row
from provisioning.doctor.subject import Subject
from terminal.config import HubSection

CONNECT_S = 6.0
REFUSAL_S = 1.0
"""TLS 1.3 tells that a certificate is refused only after the handshake."""
TITLE = "管理平台连接"


def look(subject: Subject) -> Iterator[Row]:
    """Knock."""
    hub = subject.settings.hub
    if hub is None:
        yield Row("broker", "note", TITLE, "本机没有登记到管理平台")
        return
    try:
        knock(hub)
        yield judge(None)
    except (OSError, ValueError) as error:
        yield judge(error)


def knock(hub: HubSection) -> None:
    """Raises what went wrong."""
    host, _, port = hub.broker.rpartition(":")
    with socket.create_connection((host, int(port)), CONNECT_S) as plain:
        if hub.tls_ca is None or hub.tls_cert is None:
            return
        context = ssl.create_default_context(cafile=str(hub.tls_ca))
        context.load_cert_chain(hub.tls_cert, hub.tls_key)
        with context.wrap_socket(plain, server_hostname=host) as line:
            line.settimeout(REFUSAL_S)
            try:
                line.recv(1)
            except TimeoutError:
                return  # It waits for us to speak: we are welcome.
            raise ssl.SSLError("closed after the handshake")


def judge(error: Exception | None) -> Row:
    """A kiosk answers without its hub: an unreachable one is a note, a refusal is a failure."""
    match error:
        case None:
            return Row("broker", "ok", TITLE, "连得上，双方证书相符")
        case ssl.SSLCertVerificationError():
            found, mend = "对方的证书不可信", "核对本机日期时间和管理平台地址；仍不行请重新登记"
        case ssl.SSLError():
            found, mend = (
                "对方拒绝了本机证书",
                "证书可能已吊销或过期：重新登记 kiosk provision enrol",
            )
        case FileNotFoundError() | PermissionError() | ValueError():
            found, mend = "本机证书文件读不出来", "用 sudo 运行；文件缺失时重新登记"
        case _:
            mend = "不影响本地问答；需要联网时检查网线、网关和防火墙端口"
            return Row("broker", "note", TITLE, "连不上", mend, {"error": str(error)[:200]})
    return Row("broker", "fail", TITLE, found, mend, {"error": str(error)[:200]})
