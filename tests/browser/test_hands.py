"""What a person does on the pages happens on the platform, while it works."""

import asyncio
import json
import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from playwright.sync_api import Page, expect

from relevo.example import example_of
from relevo_contracts import Topic
from tests.browser.looking import LIVE, Pages
from tests.pipeline.reaching import MODEL, until
from tests.pipeline.running import RunningPlatform

pytestmark = [pytest.mark.browser, pytest.mark.timeout(420)]

ANSWERED = re.compile(r"version (\d+)")
ROWS = 200
COUNT = "SELECT count(*) AS counted FROM diabetes130.batches"


@pytest.fixture(scope="module")
def versions(platform: RunningPlatform) -> list[str]:
    """The versions of the two last promotions, the one on duty last."""
    with ThreadPoolExecutor(1) as beside:  # Playwright's loop runs in this thread
        promoted = platform.until_promoted(2, seconds=240)
        history = beside.submit(asyncio.run, promoted).result()
    platform.until_served(history[-1].model_version, seconds=30)
    return [str(history[-1].previous_version), history[-1].model_version]


def confirm(page: Page, button: str, **said: str) -> None:
    """Fill in who and why, press the button, and read that it was done."""
    for name, text in ({"who": "ana", "why": "a test of the page"} | said).items():
        page.locator(f'form.deed [name="{name}"]').fill(text)
    page.get_by_role("button", name=button).click()
    expect(page.get_by_role("status").locator("li.good").first).to_be_visible()


def test_a_form_is_answered_and_a_swap_between_two_clicks_is_told(
    platform: RunningPlatform, page: Page, versions: list[str]
) -> None:
    before, on_duty = versions
    page.goto(f"/predict/{MODEL}")
    page.locator(".examples a").first.click()
    days = page.locator('[name="field.time_in_hospital"]')
    expect(days).not_to_have_value("")
    page.get_by_role("button", name="Predict").first.click()
    answer = page.locator("#answer")
    expect(answer).to_contain_text(f"version {on_duty}")

    platform.relevo("promote", MODEL, before, "--who", "ana", "--why", "a swap")
    platform.until_served(before, seconds=30)
    page.get_by_role("button", name="Predict").first.click()

    expect(answer).to_contain_text(f"version {before}")
    expect(answer).to_contain_text(f"version {on_duty} answered before")
    platform.relevo("promote", MODEL, on_duty, "--who", "ana", "--why", "back")
    platform.until_served(on_duty, seconds=30)


def test_a_file_is_answered_row_by_row(
    page: Page, versions: list[str], tmp_path: Path
) -> None:
    row = dict(example_of(MODEL))
    file = tmp_path / "patients.csv"
    lines = [",".join(["id", *row])]
    values = ["" if value is None else str(value) for value in row.values()]
    lines += [",".join([f"p{number}", *values]) for number in range(ROWS)]
    file.write_text("\n".join(lines))

    page.goto(f"/predict/{MODEL}")
    page.locator('input[type="file"]').set_input_files(file)
    page.get_by_role("button", name="Predict all").click()

    expect(page.locator("#rows-state")).to_contain_text(str(ROWS))
    expect(page.get_by_text("p7", exact=True)).to_be_visible()


def test_a_rollback_is_confirmed_and_both_pods_follow(
    platform: RunningPlatform, page: Page, versions: list[str]
) -> None:
    before, on_duty = versions
    page.goto("/")
    page.get_by_role("link", name="Roll back…").first.click()
    confirm(page, "Put a version back on duty")
    platform.until_served(before, seconds=30)

    page.goto("/")
    expect(page.locator(LIVE)).to_be_visible()
    expect(page.locator("#champions")).to_contain_text(f"version {before}")
    expect(page.locator("#champions")).to_contain_text("rolled back by ana")
    page.goto(f"/models/{MODEL}/{on_duty}")
    page.get_by_role("link", name="Put on duty…").click()
    confirm(page, "Put this version on duty", version=on_duty)
    platform.until_served(on_duty, seconds=30)
    page.goto("/history")
    expect(page.locator("main")).to_contain_text("a test of the page")


def test_a_model_is_held_and_resumed(platform: RunningPlatform, page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Hold…").first.click()
    confirm(page, "Hold the model")
    champions = json.loads(platform.relevo("status", "--json"))["champions"]
    assert champions[0]["held"]["who"] == "ana"

    page.goto("/")
    expect(page.locator("#champions")).to_contain_text("held by ana: a test of the page")
    page.get_by_role("link", name="Resume…").first.click()
    confirm(page, "Let the trainer move")
    champions = json.loads(platform.relevo("status", "--json"))["champions"]
    assert champions[0]["held"] is None


def test_a_dead_letter_is_read_sent_again_and_done_with(
    platform: RunningPlatform, pages: Pages
) -> None:
    word = uuid.uuid4().hex
    bury(platform, json.dumps({"word": word}).encode())
    page = pages.new()

    def letters() -> int:
        page.goto("/dead-letters")
        return int(page.get_by_role("link", name="batch.raw.dead").count())

    until(lambda: letters() == 1, seconds=60, what="no dead letter on the page")
    expect(page.locator("main")).to_contain_text("no CloudEvents headers")
    page.get_by_role("link", name="batch.raw.dead").click()
    expect(page.locator("main")).to_contain_text(word)
    page.get_by_role("link", name="Send again…").click()
    confirm(page, "Send again")
    until(lambda: letters() == 2, seconds=60, what="it did not die again")
    expect(page.locator("main")).to_contain_text("sent again by ana: died again")


def bury(platform: RunningPlatform, body: bytes) -> None:
    """A message that is no event, by another producer."""

    async def sent() -> None:
        producer = AIOKafkaProducer(bootstrap_servers=platform.addresses.kafka)
        await producer.start()
        try:
            await producer.send_and_wait(Topic.BATCH_RAW.value, body, key=b"other")
        finally:
            await producer.stop()

    with ThreadPoolExecutor(1) as beside:
        beside.submit(asyncio.run, sent()).result()


def test_a_question_in_sql_is_answered(page: Page) -> None:
    page.goto("/data")
    editor = page.get_by_role("textbox").first
    editor.fill(COUNT)
    editor.press("Control+Enter")

    expect(page.get_by_role("columnheader", name="counted")).to_be_visible()
