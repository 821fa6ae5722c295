"""All checks, in the order in which they are made and shown."""

from __future__ import annotations

from provisioning.doctor import (
    broker,
    camera,
    certificate,
    clock,
    disk,
    heat,
    hub_word,
    installation,
    memory,
    microphone,
    model_files,
    network,
    packs,
    peripherals,
    processor,
    question,
    running,
    screen,
    self_question,
    speaker,
    touch,
    wear,
)
from provisioning.doctor.check import Check

CHECKS = (
    Check("processor", "处理器", processor.look, limit_s=60),
    Check("memory", "内存", memory.look, quick=True),
    Check("temperature", "温度", heat.look, quick=True),
    Check("disk", "磁盘", disk.look, quick=True),
    Check("wear", "磁盘寿命", wear.look, limit_s=30),
    Check("clock", "时钟", clock.look, quick=True),
    Check("installation", "安装", installation.look, limit_s=20),
    Check("certificate", "设备证书", certificate.look, quick=True),
    Check("models", "模型文件", model_files.look, limit_s=120, quick=True),
    Check("pack", "知识包", packs.look, limit_s=60, quick=True),
    Check("question", "自问自答", question.look, limit_s=120, quick=True),
    Check("self_question", "自问自答（语音）", self_question.look, limit_s=240),
    Check("screen", "屏幕", screen.look),
    Check("touch", "触摸屏", touch.look),
    Check("camera", "摄像头", camera.look, limit_s=20),
    Check("peripherals", "外接设备", peripherals.look, limit_s=60),
    Check("network", "网络", network.look),
    Check("hub", "管理平台时间", hub_word.look),
    Check("broker", "管理平台连接", broker.look, limit_s=20),
    Check("kiosk", "服务程序", running.look),
    Check("microphone", "麦克风", microphone.look, limit_s=40),
    Check("speaker", "扬声器", speaker.look, limit_s=60),
)
