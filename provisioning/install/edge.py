"""Where an installation ends well or not: one Chinese line, the log, and the exit status."""

from __future__ import annotations

import errno
import fcntl
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from fleet.errors import EXIT_STATUS, KioskError
from provisioning.install.report import Report, Trouble
from provisioning.layout import Layout

MENDS = {
    errno.ENOSPC: "磁盘满了：请清理磁盘或换大的卡，再运行一次",
    errno.EDQUOT: "磁盘配额用完了：请清理磁盘，再运行一次",
    errno.EROFS: "磁盘是只读的：请重新挂载为可写（mount -o remount,rw /），再运行一次",
    errno.EIO: "磁盘或U盘读写出错：请换一个U盘或卡，再运行一次",
    errno.EACCES: "需要管理员权限：请加 sudo 运行",
    errno.EPERM: "需要管理员权限：请加 sudo 运行",
}


def log_of(layout: Layout) -> Path:
    """For whoever has to find out."""
    return layout.root / "var/log/lobby-kiosk-install.log"


def journal_of(layout: Layout) -> Path:
    """Where the installation is at."""
    return layout.opt / "journal.json"


def told(report: Report, work: Callable[[], None]) -> int:
    """Do it; the exit status, and what there is to say said."""
    try:
        work()
    except Trouble as error:
        return _told(report, error.message, error.english, EXIT_STATUS[error.code])
    except KioskError as error:
        return _told(report, error.message, error.message, error.exit_status)
    except OSError as error:
        mend = MENDS.get(error.errno or 0, f"读写 {error.filename} 出错：详见日志 {report.log}")
        return _told(report, mend, traceback.format_exc(), EXIT_STATUS["missing"])
    except Exception:  # noqa: BLE001 - whatever it is, the technician gets one line
        mend = f"程序出错，没有切换版本：请把日志 {report.log} 交给管理员"
        return _told(report, mend, traceback.format_exc(), EXIT_STATUS["internal"])
    return 0


def _told(report: Report, chinese: str, english: str, status: int) -> int:
    report.say(f"错误：{chinese}", f"error: {english}")
    return status


@contextmanager
def lock(layout: Layout) -> Iterator[None]:
    """One at a time, with install.sh too. Raises Trouble."""
    file = layout.root / "run/lock/lobby-kiosk-install.lock"
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            busy = "另一个安装正在进行：等它结束后再运行"
            raise Trouble("missing", busy, "another run holds the lock") from error
        yield
