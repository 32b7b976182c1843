// Opens pages made from known measurements in Chromium and looks at them as a reader would.
// node page.test.mjs MAKE_PAGES FOLDER   leaves pages and pictures in FOLDER; exit code 77: skipped.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';

const [makePages, target] = process.argv.slice(2);
const browserPath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const PAGE_BYTES_MAX = 650_000;

function skip(reason) {
  if (process.env.CI === 'true') {
    console.error(`cannot test the page: ${reason}`);
    process.exit(1);
  }
  console.log(`skipped: ${reason}`);
  process.exit(77);
}

if (!makePages || !target) {
  console.error('usage: node page.test.mjs MAKE_PAGES FOLDER');
  process.exit(2);
}
if (!existsSync(browserPath)) skip(`there is no browser at ${browserPath}`);
const playwright = await import('playwright-core').catch(() => skip('run `npm ci` in web/ first'));

const folder = resolve(target);
let browser;

before(async () => {
  mkdirSync(folder, { recursive: true });
  execFileSync(makePages, [folder], { stdio: 'inherit' });
  browser = await playwright.chromium.launch({
    executablePath: browserPath,
    args: [
      '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync',
    ],
  });
});
after(async () => browser?.close());

// A page with everything that went wrong on it.
async function open(name, options = {}) {
  const context = await browser.newContext({
    viewport: { width: 1200, height: 900 }, offline: true, ...options,
  });
  const page = await context.newPage();
  const faults = [];
  page.on('console', (message) => {
    // The advice about readback is for this test, which reads a canvas several times.
    const ours = message.text().startsWith('Canvas2D: Multiple readback');
    if (['error', 'warning'].includes(message.type()) && !ours) faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('dialog', (dialog) => { faults.push('a dialog opened'); dialog.dismiss(); });
  page.on('request', (request) => {
    const url = request.url();
    const itself = url === pathToFileURL(join(folder, name)).href;
    if (!itself && !url.startsWith('data:')) faults.push(`request to ${url}`);
  });
  await page.goto(pathToFileURL(join(folder, name)).href, { waitUntil: 'load' });
  return { page, faults, close: () => context.close() };
}

// What each figure shows: its marks, and whether a canvas has more than one colour.
const marksOf = (page) => page.$$eval('.plot', (plots) => plots.map((plot) => {
  const svg = plot.querySelector('svg');
  const canvas = plot.querySelector('canvas');
  const box = plot.getBoundingClientRect();
  let colours = 0;
  if (canvas) {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    const seen = new Set();
    for (let i = 0; i < data.length; i += 4 * 97) seen.add(data.slice(i, i + 4).join());
    colours = seen.size;
  }
  return {
    width: box.width, height: box.height, colours,
    paths: svg ? svg.querySelectorAll('path').length : 0,
    longest: svg ? Math.max(0, ...[...svg.querySelectorAll('path')]
      .map((path) => path.getAttribute('d').length)) : 0,
    text: svg ? svg.textContent : '',
  };
}));

// How much of a heat map's canvas carries colour: in the turn in which it is redrawn for paper, and
// a second later.
const paintedShares = (page) => page.evaluate(async () => {
  const painted = () => {
    const canvas = document.querySelector('.plot canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let coloured = 0;
    for (let i = 3; i < data.length; i += 4) coloured += data[i] > 0 ? 1 : 0;
    return coloured / (data.length / 4);
  };
  window.dispatchEvent(new Event('beforeprint'));
  const atOnce = painted();
  await new Promise((done) => { setTimeout(done, 1000); });
  const later = painted();
  window.dispatchEvent(new Event('afterprint'));
  return { atOnce, later };
});

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

// Words that reach beyond the figure they stand in.
const clipped = (page) => page.$$eval('.plot svg', (drawings) => drawings.flatMap((svg) => {
  const frame = svg.getBoundingClientRect();
  return [...svg.querySelectorAll('text')].filter((text) => {
    const box = text.getBoundingClientRect();
    return box.width > 0 && (box.left < frame.left - 1 || box.right > frame.right + 1
      || box.top < frame.top - 1 || box.bottom > frame.bottom + 1);
  }).map((text) => text.textContent);
}));

const overflow = (page) => page.evaluate(
  () => document.documentElement.scrollWidth - document.documentElement.clientWidth);

test('every figure draws, with units, and nothing is fetched', async () => {
  const { page, faults, close } = await open('fixture.html');
  const [completion, utilisation, queues] = await marksOf(page);
  assert.ok(completion.longest > 1000, 'the distribution has a line of many points');
  assert.match(completion.text, /Flow completion time \(µs\)/);
  assert.match(completion.text, /median 56\.\d+ µs/);
  assert.ok(utilisation.paths >= 6 * 60, 'the heat map has all its cells');
  assert.match(utilisation.text, /Simulated time \(µs\)/);
  assert.match(utilisation.text, /leaf to host/);
  assert.match(utilisation.text, /100 %/);
  assert.ok(queues.longest > 1000);
  assert.match(queues.text, /Queue lengths \(kB\)/);
  assert.equal(await page.title(), 'Permutation of 2 MB over 8,192 hosts');
  assert.match(await page.textContent('.limit'), /^Limited by downlinks .* for 72 % of the time\.$/);
  assert.equal(await overflow(page), 0);
  await page.screenshot({ path: join(folder, 'desktop.png'), fullPage: true });
  assert.deepEqual(faults, []);
  await close();
});

test('a page stays small enough to send', () => {
  for (const [name, most] of [['fixture.html', PAGE_BYTES_MAX], ['large.html', 900_000]]) {
    const { size } = statSync(join(folder, name));
    assert.ok(size <= most, `${name} has ${size} bytes`);
  }
});

test('every figure has a table that says the same', async () => {
  const { page, close } = await open('fixture.html');
  const tables = await page.$$eval('figure', (figures) => figures.map((figure) => ({
    rows: figure.querySelectorAll('details tbody tr').length,
    label: figure.querySelector('.plot').getAttribute('aria-label'),
  })));
  assert.deepEqual(tables.map((table) => table.rows), [12, 6, 24]);
  for (const { label } of tables) assert.match(label, /\d/);
  await page.click('figure:nth-of-type(1) summary');
  assert.ok(await page.isVisible('figure:nth-of-type(1) table'));
  await close();
});

test('a tooltip reads a value with its unit', async () => {
  const { page, faults, close } = await open('fixture.html');
  const plot = page.locator('.plot').nth(2);
  await plot.scrollIntoViewIfNeeded();
  const box = await plot.boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.waitForFunction(() => document.body.innerText.includes('longest: '));
  assert.match(await page.innerText('body'), /longest: [\d.]+ kB/);
  assert.deepEqual(faults, []);
  await close();
});

test('a phone shows it without scrolling sideways', async () => {
  const { page, faults, close } = await open('fixture.html', {
    viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true,
  });
  assert.equal(await overflow(page), 0);
  for (const figure of await marksOf(page)) assert.ok(figure.width > 300 && figure.paths > 5);
  await page.screenshot({ path: join(folder, 'phone.png'), fullPage: true });
  assert.deepEqual(faults, []);
  await close();
});

test('dark follows the reader, in the figures too', async () => {
  const { page, faults, close } = await open('fixture.html', { colorScheme: 'dark' });
  const colours = () => page.evaluate(() => [
    getComputedStyle(document.documentElement).backgroundColor,
    document.querySelector('.plot svg').innerHTML.match(/stroke="(#7fb4d6|#1f5f8b)"/)?.[1],
  ]);
  assert.deepEqual(await colours(), ['rgb(23, 25, 28)', '#7fb4d6']);
  await page.screenshot({ path: join(folder, 'dark.png'), fullPage: true });
  await page.emulateMedia({ colorScheme: 'light' });
  await page.waitForFunction(
    () => document.querySelector('.plot svg').innerHTML.includes('#1f5f8b'));
  assert.deepEqual(await colours(), ['rgb(253, 253, 251)', '#1f5f8b']);
  assert.deepEqual(faults, []);
  await close();
});

test('paper gets light figures of its own width and the scenario unfolded', async () => {
  const { page, faults, close } = await open('fixture.html', { colorScheme: 'dark' });
  await page.evaluate(() => {
    window.seen = {};
    window.addEventListener('beforeprint', () => {
      window.seen.width = document.querySelector('.plot svg').getAttribute('width');
      window.seen.open = document.querySelectorAll('details[data-print][open]').length;
      window.seen.light = document.querySelector('.plot svg').innerHTML.includes('#1f5f8b');
    });
  });
  const pdf = await page.pdf({ path: join(folder, 'print.pdf'), format: 'A4', printBackground: false });
  assert.ok(pdf.length > 20_000);
  assert.deepEqual(await page.evaluate(() => window.seen), { width: '660', open: 2, light: true });
  assert.equal(await page.locator('details[open]').count(), 0, 'folded again afterwards');
  assert.deepEqual(faults, []);
  await close();
});

test('what a scenario says is text and never markup', async () => {
  const { page, faults, close } = await open('hostile.html');
  assert.equal(await page.evaluate(() => window.hacked), undefined);
  assert.equal(await page.locator('img').count(), 0);
  assert.match(await page.title(), /^<\/script><script>/);
  const plot = page.locator('.plot').nth(2);
  await plot.scrollIntoViewIfNeeded();
  const box = await plot.boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.waitForFunction(() => document.body.innerText.includes('99th percentile: '));
  assert.equal(await page.locator('img').count(), 0, 'nor in a tooltip');
  assert.equal(await overflow(page), 0);
  assert.deepEqual(faults, []);
  await close();
});

test('a large map is drawn on a canvas and its holes are left out', async () => {
  const { page, faults, close } = await open('large.html');
  const figures = await marksOf(page);
  assert.ok(figures[1].colours > 10);
  const { atOnce, later } = await paintedShares(page);
  assert.ok(later > 0.3, 'the map covers its part of the canvas');
  assert.equal(atOnce, later, 'all of it at once, not slice by slice');
  assert.ok(figures[2].longest > 1000);
  await page.screenshot({ path: join(folder, 'large.png'), fullPage: true });
  assert.deepEqual(faults, []);
  await close();
});

test('drawings show parts, loads, times and shares, on any width', async () => {
  for (const [name, options] of [['drawings', {}], ['drawings-phone', PHONE]]) {
    const { page, faults, close } = await open('drawings.html', options);
    const [tree, line, gantt, broken] = await marksOf(page);
    assert.match(tree.text, /cpu0.*switch0.*gpu1/s);
    assert.match(tree.text, /→ (442 Gb\/s )?97 %/);
    assert.ok(tree.paths > 8 + 2 * 7, 'boxes, and two strokes a link');
    assert.match(line.text, /station 1.*station 9/s);
    assert.ok(line.paths > 10 * 6, 'five states of each station');
    assert.ok(gantt.paths > 100);
    assert.match(gantt.text, /station 6/);
    assert.match(broken.text, /a cable died.*90 % again/s);
    assert.equal(await page.locator('ul.stacks li').count(), 3);
    assert.equal(await overflow(page), 0);
    await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
    assert.deepEqual(await clipped(page), []);
    assert.deepEqual(faults, []);
    await close();
  }
});

test('a tooltip reads both directions of a link', async () => {
  const { page, close } = await open('drawings.html');
  const plot = page.locator('.plot').first();
  await plot.scrollIntoViewIfNeeded();
  const box = await plot.boundingBox();
  const at = await page.evaluate(() => {
    const stroke = [...document.querySelectorAll('.plot svg path')]
      .filter((path) => path.getAttribute('fill') === 'none' && path.getTotalLength() > 100)[2];
    const { x, y } = stroke.getPointAtLength(stroke.getTotalLength() - 30);
    const frame = stroke.getScreenCTM();
    return { x: frame.a * x + frame.e, y: frame.d * y + frame.f };
  });
  await page.mouse.move(box.x, box.y);
  await page.mouse.move(at.x, at.y);
  await page.waitForFunction(() => document.body.innerText.includes('switch0 → cpu0: '));
  await close();
});

test('drawings fit on paper', async () => {
  const { page, faults, close } = await open('drawings.html', { colorScheme: 'dark' });
  await page.evaluate(() => {
    window.addEventListener('beforeprint', () => {
      window.seen = [...document.querySelectorAll('.plot')].map((plot) => {
        const svg = plot.querySelector('svg');
        return [svg.getAttribute('width'), `${svg.getAttribute('height')}px` === (plot.style.height || '300px')];
      });
    });
  });
  await page.pdf({ path: join(folder, 'drawings.pdf'), format: 'A4', printBackground: false });
  assert.deepEqual(await page.evaluate(() => window.seen), Array(4).fill(['660', true]));
  assert.deepEqual(faults, []);
  await close();
});

test('a run without measurements says so', async () => {
  const { page, faults, close } = await open('empty.html');
  assert.equal(await page.locator('.plot').count(), 0);
  assert.equal(await page.getByText('Nothing was measured.').count(), 3);
  assert.match(await page.textContent('.limit'), /not known/);
  assert.deepEqual(faults, []);
  await close();
});

test('a claim sheet shows verdicts, and a figure for each plot, on any width', async () => {
  for (const [name, options] of [['claims', {}], ['claims-phone', PHONE]]) {
    const { page, faults, close } = await open('claims.html', options);
    const badges = await page.locator('ul.claims .verdict').allTextContents();
    assert.deepEqual(badges, ['holds if', 'cannot be tested']);
    assert.match(await page.textContent('.decision .number'), /79 %.*at least 20 %/s);
    const figures = await marksOf(page);
    assert.equal(figures.length, 4, 'curves and series are drawn');
    assert.match(figures[2].text, /cpu0.*gpu1/s, 'a tree too');
    assert.deepEqual(await clipped(page), []);
    assert.match(await page.textContent('#fell-short'), /A claim.*Runs that fell short|fell short.*A claim/s);
    assert.match(await page.textContent('.note.short'), /^In the run “A claim”, A claim\.$/);
    for (const figure of figures) assert.ok(figure.paths > 3 && figure.width > 280);
    assert.equal(await overflow(page), 0);
    await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
    assert.deepEqual(faults, []);
    await close();
  }
});

test('what a claim sheet says is text and never markup', async () => {
  const { page, faults, close } = await open('claims-hostile.html');
  assert.equal(await page.evaluate(() => window.hacked), undefined);
  assert.equal(await page.locator('img').count(), 0);
  assert.equal(await overflow(page), 0);
  assert.deepEqual(faults, []);
  await close();
});
