// The operator's page in a real browser at three states: fresh, busy, in trouble. At each: nothing that axe finds, in light and in
// dark, no sideways scrolling at 380 px, no fault in the console, no request to elsewhere; keyboard alone reaches everything.
// Keeps a picture of each.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axe from 'axe-core';
import { chromium } from 'playwright-core';
import { ask, run, tell } from '../lib/stage.mjs';

const [, , page, pictures] = process.argv;
const browsers = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const long = { timeout: 120_000 };
const wide = { width: 1180, height: 900 };
const narrow = { width: 380, height: 800 };

run(async () => {
  const program = browsers.find((path) => path && existsSync(path));
  assert.ok(program, 'there is no Chromium: install it with `apt-get install chromium`, or set CHROMIUM to where it is');
  mkdirSync(pictures, { recursive: true });
  const profile = mkdtempSync(join(tmpdir(), 'browser-'));
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: program,
    headless: true,
    viewport: wide,
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync',
    ],
  });
  try {
    const tab = await browser.newPage();
    const faults = [];
    tab.on('pageerror', (error) => faults.push(error.message));
    tab.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    tab.on('request', (request) => new URL(request.url()).origin === new URL(page).origin || request.url().startsWith('data:')
      || faults.push(`a request to ${request.url()}`));
    await tab.goto(page);

    const examine = async (name) => {
      for (const colorScheme of ['light', 'dark']) {
        await tab.emulateMedia({ colorScheme });
        for (const viewport of [wide, narrow]) {
          await tab.setViewportSize(viewport);
          const sideways = await tab.evaluate(() => document.scrollingElement.scrollWidth - innerWidth);
          assert.ok(sideways <= 0, `${name}: ${sideways} px wider than ${viewport.width} px`);
          const found = await tab.evaluate(async () => (await axe.run(document)).violations
            .map((one) => `${one.id}: ${one.nodes.map((node) => node.target).join(', ')}`));
          assert.deepEqual(found, [], `${name}, ${colorScheme}, ${viewport.width} px`);
          await tab.screenshot({ path: join(pictures, `operator-${name}-${colorScheme}-${viewport.width}.png`), fullPage: true });
        }
      }
      await tab.setViewportSize(wide);
      await tab.emulateMedia({ colorScheme: 'light' });
    };
    const until = (what, argument) => tab.waitForFunction(what, argument, long);

    await until(() => document.body.dataset.state === 'well' && document.querySelectorAll('#funds .big').length === 2);
    await tab.evaluate(axe.source);
    assert.equal(await tab.textContent('#state'), 'WELL');
    assert.match(await tab.textContent('#noWho'), /Nobody has published today/);
    await examine('fresh');

    await ask('busy');
    await until(() => document.querySelectorAll('#who tbody tr').length > 3
      && document.querySelectorAll('#events tbody tr').length > 0
      && document.querySelectorAll('#replicas tbody tr').length === 2 && document.querySelector('#who').textContent.includes('RATE_LIMITED')
      && document.querySelectorAll('#funds polyline').length === 2 && document.querySelectorAll('#chains tbody tr').length === 2
      && document.querySelector('#events').textContent.includes('withdrawal of $600.00 requested'));
    await examine('busy');

    // Keyboard alone: each control can be reached, and the doctor's button keeps the focus.
    await tab.evaluate(() => document.activeElement.blur());
    const reached = new Set();
    for (let i = 0; i < 25 && !reached.has('examine'); i++) {
      await tab.keyboard.press('Tab');
      reached.add(await tab.evaluate(() => document.activeElement.id || document.activeElement.tagName));
    }
    assert.ok(reached.has('copy') && reached.has('SUMMARY') && reached.has('examine'), [...reached].join(', '));
    await tab.keyboard.press('Enter');
    await until(() => document.querySelectorAll('#findings tbody tr').length > 5);
    assert.equal(await tab.evaluate(() => document.activeElement.id), 'examine');
    assert.match(await tab.textContent('#doctorSaid'), /^0 faults, /);
    await examine('doctor');

    await ask('trouble');
    await until(() => document.body.dataset.state === 'trouble' && document.querySelectorAll('#troubles li').length > 1);
    const troubles = await tab.$$eval('#troubles li', (items) => items.map((item) => item.textContent));
    await examine('trouble');
    assert.deepEqual(faults, []);

    await ask('gone');
    await until(() => document.body.dataset.state === 'gone');
    assert.equal(await tab.textContent('#state'), 'NO ANSWER');
    tell('seen', { troubles });
  } finally {
    await browser.close();
    rmSync(profile, { recursive: true, force: true });
  }
});
