"""The findings as one page for the file, in Chinese, for A4: HTML, or PDF by Chromium."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from fleet.errors import KioskError
from provisioning.doctor import labels
from provisioning.doctor.row import WORDS, Row, summary, worst

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PRINT_S = 60.0
POLICIES = Path("/etc/chromium/policies")
UNMANAGED = ("unshare", "--mount", "sh", "-c", f'mount -t tmpfs none {POLICIES} && exec "$@"', "sh")
"""The policy for the kiosk's page forbids what printing takes: root's browser does not see it."""
STYLE = """
@page { size: A4; margin: 16mm 14mm }
body { font: 10.5pt/1.5 "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", sans-serif;
  color: #111; max-width: 182mm; margin: 0 auto }
@media screen { body { padding: 10mm } }
h1 { font-size: 18pt; margin: 0 0 4mm }
table { border-collapse: collapse; width: 100%; margin-bottom: 6mm }
th, td { border: 0.3mm solid #888; padding: 1.2mm 2mm; text-align: left; vertical-align: top;
  overflow-wrap: anywhere }
thead { display: table-header-group }
tr, .sign { break-inside: avoid }
.head th { width: 22mm; background: #f2f2f2; white-space: nowrap }
.v { white-space: nowrap; font-weight: bold }
.ok { color: #18632b } .note { color: #0b5585 } .warn { color: #7a4d00 } .fail { color: #a00d0d }
.mend { margin-top: 0.5mm } .figures { color: #555; font-size: 8.5pt }
.sign { display: grid; grid-template-columns: 1fr 1fr; gap: 12mm; margin-top: 10mm }
.sign div { border-bottom: 0.3mm solid #111; padding-bottom: 10mm }
"""


def html(head: Mapping[str, str], rows: Sequence[Row]) -> str:
    """`head`: what stands above the table, by its title."""
    counts = summary(rows)
    total = "，".join(f"{word} {counts[each]} 项" for each, word in WORDS.items())
    verdict = worst(rows)
    fields = {**head, "结论": f"{WORDS[verdict]}（{total}）"}
    above = "".join(
        f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>"
        for name, value in fields.items()
    )
    return f"""<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>服务终端检测报告</title>
<style>{STYLE}</style></head><body>
<h1>服务终端检测报告</h1>
<table class="head"><tbody>{above}</tbody></table>
<table><thead><tr><th>结果</th><th>项目</th><th>情况、处理与数据</th></tr></thead>
<tbody>{"".join(map(_line, rows))}</tbody></table>
<section class="sign"><div>检测人员（签字、日期）：</div>
<div>大厅负责人（签字、日期）：</div></section>
</body></html>
"""


def write(file: Path, page: str) -> None:
    """As .html or .pdf, by the file's name. Raises KioskError."""
    if file.suffix not in (".html", ".pdf"):
        raise KioskError("input", f"--report {file}: 文件名要以 .html 或 .pdf 结尾")
    try:
        if file.suffix == ".html":
            file.write_text(page, "utf-8")
        else:
            _print(file, page)
    except OSError as error:
        raise KioskError("input", f"--report {file}: 写不进去（{error.strerror}）") from error


def _print(file: Path, page: str) -> None:
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        raise KioskError("missing", f"--report {file}: 本机没有 Chromium，请改用 .html")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "report.html"
        source.write_text(page, "utf-8")
        options = "--headless --no-sandbox --disable-gpu --no-pdf-header-footer".split()
        managed = UNMANAGED if POLICIES.is_dir() and os.geteuid() == 0 else ()
        command = [*managed, browser, *options, f"--user-data-dir={folder}/profile"]
        made = Path(folder) / "report.pdf"
        try:
            subprocess.run(
                [*command, f"--print-to-pdf={made}", source.as_uri()],
                check=True,
                capture_output=True,
                timeout=PRINT_S,
            )
        except subprocess.SubprocessError as error:
            raise KioskError("missing", f"--report {file}: 打印失败，请改用 .html") from error
        shutil.copyfile(made, file)


def _line(row: Row) -> str:
    mend = f'<div class="mend">处理：{escape(row.mend)}</div>' if row.mend else ""
    figures = labels.told(row.figures)
    figures = f'<div class="figures">{escape(figures)}</div>' if figures else ""
    return (
        f'<tr><td class="v {row.verdict}">{WORDS[row.verdict]}</td><td>{escape(row.title)}</td>'
        f"<td>{escape(row.found)}{mend}{figures}</td></tr>"
    )
