"""What the kiosk says of itself to a citizen: devices, printer, staff. Chinese."""

from __future__ import annotations

from hardware.printer import PrinterState

NO_MICROPHONE = {
    "denied": "麦克风没有打开，您可以打字或点屏幕提问。",
    "missing": "没有找到麦克风，您可以打字或点屏幕提问。",
    "lost": "麦克风断开了，您可以打字或点屏幕提问。",
    "silent": "麦克风没有声音，您可以打字或点屏幕提问。",
}
NO_CAMERA = "摄像头没有打开，不影响使用：直接说话、打字或点屏幕就行。"
PRINTER: dict[PrinterState, str] = {
    "ready": "好的，材料清单正在打印，请从出纸口取走。",
    "off": "这台机器没有打印机，您可以拍下屏幕，或者请工作人员打印。",
    "paper_out": "打印机缺纸了，您可以拍下屏幕，或者请工作人员打印。",
    "cover_open": "打印机的盖子没有合上，您可以拍下屏幕，或者请工作人员打印。",
    "offline": "打印机没有连上，您可以拍下屏幕，或者请工作人员打印。",
}
NO_LIST = "现在没有可以打印的材料清单，请先问您要办的事。"
CALLED = "我在，您请说。"
CLOSED = "本机暂停服务，请到人工窗口办理。"
STAFF_TOLD = "已经通知工作人员，请稍等，或者直接到人工窗口办理。"
SORRY = "不好意思，刚才出了点问题，请您再问一次，或者点“转人工”。"
