"""Chinese names of the figures that rows carry, with their units, for the report."""

from __future__ import annotations

from collections.abc import Mapping

from provisioning.doctor.row import Figure

LABELS: Mapping[str, str] = {
    "active": "运行状态",
    "addresses": "地址",
    "ago_s": "距今（秒）",
    "amplitude": "播放幅度（满幅为 1）",
    "arch": "架构",
    "asked": "试问数",
    "bright_p95": "亮部（0–255）",
    "broken": "缺损的模型",
    "celsius": "温度（°C）",
    "channels": "声道数",
    "clear_db": "高出其余回声（dB）",
    "clips": "削波",
    "clipped_share": "削波占比",
    "connected": "已接的接口",
    "connectors": "接口数",
    "cores": "核数",
    "current": "在用版本",
    "dark_p5": "暗部（0–255）",
    "days_left": "剩余天数",
    "dead": "无声的声道",
    "delay_ms": "回声延迟（毫秒）",
    "devices": "设备",
    "disk": "磁盘",
    "display_mode": "分辨率",
    "enabled": "自启动设置",
    "encode_ms": "理解一句用时（毫秒）",
    "error": "原因",
    "errors": "错误数",
    "expected_ms": "预期延迟（毫秒）",
    "first": "第一处",
    "first_review": "最早复核期限",
    "fits": "与证书相符",
    "floor_dbfs": "底噪（dBFS）",
    "free_mb": "可用（MB）",
    "gateway": "网关",
    "has": "具备该指令",
    "hashed": "逐字节核对",
    "height": "画面高（点）",
    "hum_dbfs": "电源嗡声（dBFS）",
    "hum_share": "嗡声占比",
    "in_use_until": "在用的有效期至",
    "installed": "已装版本数",
    "latency_ms": "出声用时（毫秒）",
    "level_dbfs": "平均音量（dBFS）",
    "limit_ms": "合格上限（毫秒）",
    "limit_s": "限时（秒）",
    "load": "装载状态",
    "loss_db": "回声衰减（dB）",
    "mean_ms": "平均用时（毫秒）",
    "median_p50": "中间亮度（0–255）",
    "mode": "文件权限",
    "offset_share": "直流偏置（满幅为 1）",
    "pack": "知识包",
    "packs": "模型数",
    "passed": "磁盘自检通过",
    "pictures": "看过的画面数",
    "previous": "上一版本",
    "rate_hz": "帧率（幅/秒）",
    "restarts": "自动重启次数",
    "right": "答对数",
    "said_at_s": "平台时间（1970 年起的秒数）",
    "sharpness": "清晰度（拉普拉斯方差）",
    "silent": "没出声的问数",
    "snr_db": "信噪比（dB）",
    "source": "来源",
    "state": "状态",
    "synchronised": "已校时",
    "throttled": "降频与供电标志",
    "total_mb": "总量（MB）",
    "trial": "试用中的版本",
    "unit": "系统服务",
    "until": "有效期至",
    "up": "已连的网卡",
    "uptime_s": "已运行（秒）",
    "used_percent": "已用寿命（%）",
    "version": "程序版本",
    "voice_dbfs": "说话音量（dBFS）",
    "wanted_flag": "需要的指令",
    "warnings": "提醒数",
    "width": "画面宽（点）",
    "within_30_days": "30 天内到期条数",
}
"""By a figure's id; one id means the same in every row."""


def told(figures: Mapping[str, Figure]) -> str:
    """One line for people: what is known, and nothing of what is not."""
    known = {key: value for key, value in figures.items() if value not in (None, "")}
    return "，".join(f"{LABELS.get(key, key)}：{_said(value)}" for key, value in known.items())


def _said(value: Figure) -> str:
    match value:
        case bool():
            return "是" if value else "否"
        case _:
            return str(value)
