"""A kiosk becomes part of a fleet: it proves a one-time token, and gets certificate and trust.

Whatever stands in the way is told to the technician in one line of Chinese.
"""

from __future__ import annotations

import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from fleet import codec, topics
from fleet.messages import EnrolResult, Place
from terminal import hub_clock
from terminal.application import Application, Enrolled
from terminal.errors import KioskError
from terminal.trust import Trust

log = logging.getLogger(__name__)

WAIT_S = 60.0
AGAIN_S = 5.0
CONNECT_S = 10.0
_NO_CHECK_TIME = 0x200000
"""X509_V_FLAG_NO_CHECK_TIME of OpenSSL, for which Python has no name."""
_NOT_YET_VALID, _EXPIRED = 9, 10
"""X509_V_ERR_*, of OpenSSL; and so the next."""
_WRONG_NAME = (62, 64)


class Unreachable(KioskError):
    """It may be done later, without anybody's doing."""

    def __init__(self, message: str) -> None:
        super().__init__("missing", message)


class Refused(KioskError):
    """The hub says no, for good."""

    def __init__(self, message: str) -> None:
        super().__init__("input", message)


def is_enrolled(folder: Path) -> bool:
    """Whether there is a whole enrolment."""
    return Trust(folder).is_there


def enrol(
    host: str,
    port: int,
    token: str,
    device: str,
    *,
    ca: Path | None = None,
    hardware: str = "",
    wait_s: float = WAIT_S,
) -> Enrolled:
    """With a new key; see `apply`."""
    return apply(
        Application.new(device, token), host, port, ca=ca, hardware=hardware, wait_s=wait_s
    )


def apply(
    application: Application,
    host: str,
    port: int,
    *,
    ca: Path | str | None = None,
    hardware: str = "",
    place: Place | None = None,
    wait_s: float = WAIT_S,
    clock: Callable[[], float] = time.time,
    warn: Callable[[str], None] = log.warning,
) -> Enrolled:
    """Ask until the hub answers. `ca`: for TLS, a file or PEM. `warn`: of a wrong clock.

    Unreachable where nobody answers, Refused in the hub's words, KioskError for a wrong `ca`.
    """
    asked = codec.encode(application.request(clock(), hardware, place))
    asking = _Asking(application, asked, host, port, _tls(ca) if ca else None)
    result = asking.answer(wait_s)
    if said := hub_clock.warning((result.trust or {}).get("at"), clock()):
        warn(said)
    try:
        return application.granted(result)
    except KioskError as error:
        log.info("token %s: %s", application.public, error.message)
        raise Refused(error.message) from error


def _tls(ca: Path | str) -> ssl.SSLContext:
    try:
        if isinstance(ca, Path):
            return ssl.create_default_context(cafile=str(ca))
        return ssl.create_default_context(cadata=ca)
    except (OSError, ValueError) as error:
        said = "CA 证书文件读不出或已损坏：请向管理员重新拷贝，再登记一次"
        log.info("ca: %s", error)
        raise KioskError("input", said) from error


class _Asking:
    """A connection for one question."""

    def __init__(
        self,
        application: Application,
        asked: bytes,
        host: str,
        port: int,
        tls: ssl.SSLContext | None,
    ) -> None:
        self._host, self._port = host, port
        self._application, self._asked = application, asked
        self._answer: EnrolResult | None = None
        self._answered = threading.Event()
        self._tls = tls
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2, f"prov-{application.public}", protocol=mqtt.MQTTv5
        )
        self._client.connect_timeout = CONNECT_S
        if tls is not None:
            self._client.tls_set_context(tls)
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_message

    def answer(self, wait_s: float) -> EnrolResult:
        """Asked again now and then: a hub that was just started may have missed it."""
        deadline = time.monotonic() + wait_s
        self._connect(deadline)
        self._client.loop_start()
        try:
            while not self._answered.wait(AGAIN_S):
                if time.monotonic() > deadline:
                    said = "连上了服务器，但中心没有答复：请管理员确认中心在运行、令牌属于该中心"
                    raise Unreachable(f"{self._where} {said}")
                if self._client.is_connected():
                    self._ask()
        finally:
            self._client.disconnect()
            self._client.loop_stop()
        return self._answer or EnrolResult(nonce=self._application.nonce)

    @property
    def _where(self) -> str:
        return f"{self._host}:{self._port}"

    def _connect(self, deadline: float) -> None:
        while True:
            try:
                self._client.connect(self._host, self._port, 30)
            except ssl.SSLCertVerificationError as error:
                log.info("%s: %s", self._where, error)
                self._mend_clock(error)
            except (OSError, ValueError) as error:
                log.info("%s: %s", self._where, error)
                if time.monotonic() + AGAIN_S > deadline:
                    raise Unreachable(f"连不上 {self._where}：{_why(error)}") from error
                time.sleep(AGAIN_S)
            else:
                return

    def _mend_clock(self, error: ssl.SSLCertVerificationError) -> None:
        """A clock that is behind keeps nobody out: whose the answer is, the token's secret proves.

        KioskError for whatever else is wrong with the broker's certificate.
        """
        code, now = error.verify_code, f"{datetime.now().astimezone():%Y-%m-%d %H:%M}"
        if code == _NOT_YET_VALID and self._tls and not self._tls.verify_flags & _NO_CHECK_TIME:
            self._tls.verify_flags |= ssl.VerifyFlags(_NO_CHECK_TIME)
            return
        if code in (_NOT_YET_VALID, _EXPIRED):
            said = (
                f"按本机时间 {now}，{self._where} 的证书不在有效期内："
                "请先核对本机时间（timedatectl），时间无误则请管理员更换服务器证书"
            )
            raise Unreachable(said) from error
        if code in _WRONG_NAME:
            said = f"{self._where} 的证书不是发给这个地址的：请核对站点文件里的 enrol 地址"
            raise KioskError("input", said) from error
        said = f"{self._where} 的证书不是所给 CA 签发的：请向管理员核对 CA 证书文件和地址"
        raise KioskError("input", said) from error

    def _ask(self) -> None:
        self._client.publish(topics.enrol(self._application.public, "req"), self._asked, 1)

    def _on_connect(self, client: mqtt.Client, *_: Any) -> None:
        client.subscribe(topics.enrol(self._application.public, "res"), 1)

    def _on_subscribe(self, *_: Any) -> None:
        self._ask()

    def _on_message(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        result = self._application.answer(bytes(message.payload))
        if result is not None:
            self._answer = result
            self._answered.set()


def _why(error: Exception) -> str:
    match error:
        case socket.gaierror():
            return "找不到这个地址，请检查网线、DNS 和站点文件里的 enrol 地址"
        case ConnectionRefusedError():
            return "对方没有开放这个端口，请管理员确认登记服务在运行"
        case ssl.SSLError():
            return "加密连接建立不了，请核对端口"
        case _:
            return "网络不通，请检查网线、网关和防火墙"
