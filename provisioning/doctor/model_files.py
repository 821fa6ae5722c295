"""Are the models that the settings ask for here, and whole?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from models.cache import PackFolder, cache_root
from models.catalog import builtin
from provisioning.doctor.row import Figure, Row
from provisioning.doctor.subject import Subject
from terminal.config import Settings
from terminal.sources import sight


def needed(settings: Settings) -> list[str]:
    """Names of model packs, each once."""
    wanted = settings.models
    names = [wanted.recognizer, wanted.voice.partition("/")[0], wanted.vad, wanted.encoder]
    names = ["whisper-base" if name == "whisper-hall" else name for name in names]
    if wanted.english_voice:
        names.append(wanted.english_voice.partition("/")[0])
    if sight(settings).camera != "off":
        names.append("face")
    if settings.attention.policy in ("wake_word", "both"):
        names.append("speech-embedding")
    return list(dict.fromkeys(names))


def look(subject: Subject) -> Iterator[Row]:
    """Sizes where it must be quick, else every byte."""
    names = needed(subject.settings)
    broken = [name for name in names if not _is_whole(name, quick=subject.quick)]
    yield judge(names, broken, hashed=not subject.quick)


def judge(names: Sequence[str], broken: Sequence[str], *, hashed: bool) -> Row:
    """`broken`: those of `names` that are missing or wrong."""
    figures: dict[str, Figure] = {"packs": len(names), "broken": " ".join(broken), "hashed": hashed}
    if broken:
        mend = f"从U盘补齐：kiosk models pull {' '.join(broken)} --from U盘文件夹"
        found = f"缺少或损坏：{'、'.join(broken)}"
        return Row("models", "fail", "模型文件", found, mend, figures)
    how = "逐字节核对无误" if hashed else "齐全（只核对了大小）"
    return Row("models", "ok", "模型文件", f"{len(names)} 个，{how}", "", figures)


def _is_whole(name: str, *, quick: bool) -> bool:
    folder = PackFolder(cache_root(), builtin().pack(name))
    return folder.state() == "ready" if quick else not folder.verify()
