// The demo page in a real browser: two users of the browser SDK register, write and hear each other, one after the other and
// many times at once, and the page shows what each message cost. Keeps a picture.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { chromium } from 'playwright-core';
import { run, tell } from '../lib/stage.mjs';

const [, , page, picture] = process.argv;
const browsers = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const longTimeout = { timeout: 180_000 };

run(async () => {
  const program = browsers.find((path) => path && existsSync(path));
  assert.ok(program, 'there is no Chromium: install it with `apt-get install chromium`, or set CHROMIUM to where it is');
  const profile = mkdtempSync(join(tmpdir(), 'browser-'));
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: program,
    headless: true,
    viewport: { width: 1180, height: 860 },
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  try {
    const tab = await browser.newPage();
    const faults = [];
    tab.on('pageerror', (error) => faults.push(error.message));
    tab.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    await tab.goto(page);
    await tab.waitForFunction(() => document.body.dataset.state !== 'loading', null, longTimeout);
    assert.equal(await tab.evaluate(() => document.body.dataset.state), 'ready', `${await tab.textContent('#status')} ${faults.join('; ')}`);

    const say = async (who, text) => {
      await tab.fill(`#${who} input`, text);
      await tab.click(`#${who} button`);
      await tab.waitForSelector(`#${who} .mine:has-text("${text}") small`, longTimeout);
    };
    const hears = (who, text) => tab.waitForSelector(`#${who} .theirs:has-text("${text}")`, longTimeout);
    await hears('bo', 'Hello!');
    await say('bo', 'Hello Alix, who pays for this?');
    await hears('alix', 'who pays');
    await say('alix', 'The gateway does. Look below.');
    await hears('bo', 'Look below');
    await say('bo', 'Not much at all.');
    await hears('alix', 'Not much');

    const load = Array.from({ length: 20 }, (_, i) => ({ who: i % 2 ? 'bo' : 'alix', text: `at once (${i})` }));
    for (const { who, text } of load) {
      await tab.fill(`#${who} input`, text);
      await tab.click(`#${who} button`);
    }
    for (const { who, text } of load) {
      await tab.waitForSelector(`#${who} .mine:has-text("${text}") small`, longTimeout);
      await hears(who === 'bo' ? 'alix' : 'bo', text);
    }
    for (const { who, text } of load) {
      const other = who === 'bo' ? 'alix' : 'bo';
      assert.equal(await tab.locator(`#${other} .theirs:has-text("${text}")`).count(), 1, text);
    }

    const costs = await tab.$$eval('.mine small', (badges) => badges.map((badge) => badge.textContent));
    for (const cost of costs) assert.match(cost, /^node \d+00 #\d+ · \$0\.\d*[1-9]$/);
    const kinds = await tab.$$eval('#envelopes td:nth-child(2)', (cells) => cells.map((cell) => cell.textContent));
    for (const kind of ['identity update', 'key package', 'commit', 'welcome', 'message']) assert.ok(kinds.includes(kind), kind);
    if (picture) {
      mkdirSync(dirname(picture), { recursive: true });
      await tab.screenshot({ path: picture });
    }

    // A phone, and dark mode: nothing is wider than the screen, and Send can be reached.
    await tab.emulateMedia({ colorScheme: 'dark' });
    await tab.setViewportSize({ width: 380, height: 800 });
    assert.ok(await tab.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), 'the page is wider than a phone');
    for (const who of ['alix', 'bo']) {
      const box = await tab.locator(`#${who} button`).boundingBox();
      assert.ok(box.x >= 0 && box.x + box.width <= 380, `Send of ${who} is cut off: ${JSON.stringify(box)}`);
    }
    const [background, ink] = await tab.evaluate(() => [getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]);
    assert.equal(background, 'rgb(16, 21, 28)');
    assert.equal(ink, 'rgb(228, 233, 240)');
    await say('alix', 'from a phone');
    await hears('bo', 'from a phone');

    assert.deepEqual(faults, []);
    tell('seen', { costs });
  } finally {
    await browser.close();
    rmSync(profile, { recursive: true, force: true });
  }
});
