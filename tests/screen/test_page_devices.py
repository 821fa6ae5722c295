"""The page of a kiosk with a microphone of its own, and the health that such a kiosk tells."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from starlette.testclient import TestClient

from terminal.events import MicrophoneChanged, State
from terminal.screen import views
from terminal.screen.screen import Screen
from terminal.screen.server import create_app
from tests.screen.served import HOME, Kiosk, kiosk, run
from tests.screen.stage import KIOSK_BROWSER, Stage, becomes_true, opened, text_of

ASKED = "navigator.mediaDevices.getUserMedia = () => { window.asked = true; throw new Error(); };"


@pytest.mark.browser
def test_the_page_asks_for_no_microphone_and_shows_the_kiosk_s_own(stage: Stage) -> None:
    async def story() -> None:
        browser = await stage.chromium(*KIOSK_BROWSER)
        async with kiosk(microphone=False) as served:
            served.screen.show({**HOME, "microphone": "device"})
            served.screen.show(views.microphone_message("on"))
            served.screen.show(views.state_message(State.IDLE, 0))
            async with opened(served, browser, script=ASKED) as page:
                served.screen.show({**HOME, "microphone": "device"})
                await becomes_true(page, "document.body.dataset.microphone === 'on'")
                assert await page.locator("#start").is_hidden()
                await page.locator("#orb").click()
                served.screen.show(views.microphone_message("silent"))
                await becomes_true(page, "document.body.dataset.microphone === 'silent'")
                assert "麦克风没有声音" in await text_of(page, "#trouble-text")
                served.screen.show(views.microphone_message("on"))
                await becomes_true(page, "document.body.dataset.microphone === 'on'")
                assert await page.locator("#trouble").is_hidden()
                assert not await page.evaluate("window.asked")
            assert served.screen.link.microphone.received == 0
            assert MicrophoneChanged("on") not in served.events

    stage.run(story())


def test_a_new_page_learns_where_the_microphone_stands() -> None:
    async def story(served: Kiosk) -> None:
        served.screen.show(views.microphone_message("lost"))
        async with served.page() as page:
            said = await asyncio.wait_for(page.recv(), 5)
        assert said == '{"type": "microphone", "state": "lost"}'

    run(story)


def test_health_is_told_on_this_machine_only() -> None:
    async def story(served: Kiosk) -> None:
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.get(f"{served.url}health")
        assert answer.json() == {"ready": True, "microphone": {"state": "on"}}

    run(story)
    app = create_app(Screen(lambda _event: None), hosts=["kiosk.hall"])
    elsewhere = TestClient(app, "http://kiosk.hall", client=("192.0.2.7", 4000))
    assert elsewhere.get("/health").status_code == 403
    assert elsewhere.get("/healthz").status_code == 200
