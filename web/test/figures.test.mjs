// What the figures say, without a browser.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { axisLabels, decades, figureHeight, figureOption, niceStep } from '../src/figures.js';
import { diagramLayout, strokeOf } from '../src/diagram.js';
import { lightness, readable } from '../src/gantt.js';
import { axisTitle, format, withUnit } from '../src/parts.js';

const palette = {
  ink: '#000', faint: '#555', rule: '#ccc', paper: '#fff', font: 'sans-serif',
  lines: ['#111', '#222', '#333', '#444', '#555', '#666'], heat: ['#fff', '#999', '#555', '#000'],
  wash: '#eee', bad: '#a00',
};

test('numbers are short and grouped', () => {
  assert.equal(format(1234567), '1,235,000');
  assert.equal(format(0.1 + 0.2), '0.3');
  assert.equal(format(-2.5), '-2.5');
  assert.equal(format(0), '0');
  assert.equal(format(1e-7), '1.000e-7');
  assert.equal(format(null), '–');
  assert.equal(withUnit(12.5, 'µs'), '12.5 µs');
  assert.equal(withUnit(3, ''), '3');
  assert.equal(axisTitle('Time', 'µs'), 'Time (µs)');
  assert.equal(axisTitle('Count', ''), 'Count');
});

test('a distribution rises from nothing to all', () => {
  const figure = {
    shape: 'distribution', title: 'Time', unit: 'µs', count: '4', values: [1, 2], shares: [0.5, 1],
    marks: [{ label: 'median', share: 0.5, value: 1 }],
  };
  const option = figureOption(figure, palette, { width: 800, height: 300 });
  assert.deepEqual(option.series[0].data, [[1, 0], [1, 50], [2, 100]]);
  assert.equal(option.xAxis.name, 'Time (µs)');
  assert.equal(option.series[1].data[0].text, 'median 1 µs');
});

test('a capacity becomes a dashed line over the whole time', () => {
  const figure = {
    shape: 'time', value_title: 'Queue', unit: 'kB', x_unit: 'µs', x: [0, 1, 2],
    lines: [{ label: 'longest', values: [1, 2, 3] }], limit: 9, limit_label: 'capacity',
  };
  const option = figureOption(figure, palette, { width: 800, height: 300 });
  assert.equal(option.series.length, 2);
  assert.deepEqual(option.series[1].data, [[0, 9], [2, 9]]);
  assert.equal(option.series[1].lineStyle.type, 'dashed');
});

test('cells find their row and column, and a hole stays a hole', () => {
  const figure = {
    shape: 'heat_map', unit: '%', min: 0, max: 100,
    rows: { title: 'Tier', unit: '', labels: ['up', 'down'] },
    columns: { title: 'Time', unit: 'µs', labels: [0, 5, 10] }, cells: [1, 2, 3, 4, null, 6],
  };
  const option = figureOption(figure, palette, { width: 800, height: 300 });
  assert.deepEqual(option.series[0].data[3], [0, 1, 4]);
  assert.deepEqual(option.series[0].data[4], [1, 1, '-']);
  assert.match(option.tooltip.formatter({ value: [1, 1, '-'] }), /Time 5 µs<br><b>–/);
});

test('texts in tooltips are escaped', () => {
  const figure = {
    shape: 'time', value_title: 'Q', unit: 'B', x_unit: 's', x: [0], lines: [],
  };
  const option = figureOption(figure, palette, { width: 800, height: 300 });
  const text = option.tooltip.formatter([{ seriesName: '<img onerror=x>', value: [0, 1] }]);
  assert.ok(!text.includes('<img'));
});

test('an axis is labelled at steps that people count in', () => {
  assert.equal(niceStep(0.7), 1);
  assert.equal(niceStep(13), 20);
  assert.equal(niceStep(50), 50);
  const shown = (labels, room) => axisLabels(labels, room).filter((label) => label !== '');
  const bins = Array.from({ length: 60 }, (_, i) => 1.25 * i);
  assert.deepEqual(shown(bins, 5), ['0', '20', '40', '60']);
  assert.deepEqual(shown(bins, 8.9), ['0', '10', '20', '30', '40', '50', '60', '70']);
  assert.equal(axisLabels(bins, 5)[16], '20');
  const words = Array.from({ length: 45 }, (_, i) => `switch ${i}`);
  assert.deepEqual(shown(words, 5), ['switch 0', 'switch 10', 'switch 20', 'switch 30', 'switch 40']);
  assert.deepEqual(shown(['a', 'b'], 5), ['a', 'b']);
  assert.deepEqual(shown([3, 4], 5), ['3', '4']);
});

test('a step between two entries labels the one that reaches it', () => {
  const ends = Array.from({ length: 100 }, (_, i) => 0.128 * (i + 1));
  const labels = axisLabels(ends, 8);
  assert.deepEqual(labels.filter((label) => label !== ''), ['2', '4', '6', '8', '10', '12']);
  assert.equal(labels[15], '2', '2.048 is the first at or above 2');
});

test('a label near the right edge stands on the left of its point', () => {
  const place = (values, value) => figureOption({
    shape: 'distribution', title: 'T', unit: 's', count: '2', values, shares: [0.5, 1],
    marks: [{ label: 'median', share: 0.5, value }],
  }, palette, { width: 800, height: 300 }).series[1].data[0].label.position;
  assert.equal(place([0, 10], 2), 'right');
  assert.equal(place([0, 10], 9), 'left');
});

const tree = {
  shape: 'diagram', unit: 'Gb/s', states: [], kinds: ['socket', 'GPU'],
  nodes: [
    { name: 'cpu0', kind: 0, level: 0, position: 0 }, { name: 'cpu1', kind: 0, level: 0, position: 2 },
    { name: 'gpu0', kind: 1, level: 1, position: 0 }, { name: '<img src=x>', kind: 1, level: 1, position: 1 },
  ],
  links: [
    { from: 0, to: 2, forward: [400, 0.97], backward: [0, 0] },
    { from: 0, to: 3, label: 'Gen5 x16', forward: [40, 0.1], backward: [null, null] },
    { from: 0, to: 1, forward: [0, 0] },
  ],
};
const line = {
  shape: 'diagram', unit: '', states: ['on', 'off'], kinds: [],
  nodes: Array.from({ length: 12 }, (_, i) => ({
    name: `station ${i + 1}`, level: i, position: 0, shares: [0.75, 0.25],
  })),
  links: Array.from({ length: 11 }, (_, i) => ({ from: i, to: i + 1, forward: [1, 0.5] })),
};

test('a tree keeps its levels across, and boxes never meet', () => {
  for (const width of [350, 660, 952]) {
    const { across, boxes, height } = diagramLayout(tree, width);
    assert.ok(across);
    for (const a of boxes) {
      assert.ok(a.x >= 0 && a.x + a.width <= width && a.y >= 0 && a.y + a.height <= height);
      for (const b of boxes.filter((other) => other !== a)) {
        assert.ok(a.x + a.width <= b.x || b.x + b.width <= a.x
          || a.y + a.height <= b.y || b.y + b.height <= a.y);
      }
    }
    assert.equal(boxes[2].x, boxes[3].x);
    assert.equal(boxes[0].x, boxes[1].x);
  }
});

test('a line too long for the paper goes down it', () => {
  assert.ok(diagramLayout(line, 1060).across);
  const narrow = diagramLayout(line, 350);
  assert.ok(!narrow.across);
  assert.equal(new Set(narrow.boxes.map((box) => box.x)).size, 1);
  assert.ok(figureHeight(line, 350) > figureHeight(line, 1060));
});

test('a link is wider and darker the more of it is in use', () => {
  const of = (share) => strokeOf(share, palette);
  assert.deepEqual([null, 0].map((share) => of(share).colour), ['#ccc', '#ccc']);
  assert.deepEqual([0.05, 0.3, 0.8, 0.96].map((share) => of(share).colour), ['#999', '#555', '#000', '#a00']);
  assert.ok(of(1).width > of(0.5).width && of(0.5).width > of(0.01).width);
});

test('what a diagram draws and says is scaled, escaped and complete', () => {
  const option = figureOption(tree, palette, { width: 800, height: 300 });
  const [series] = option.series;
  const shapes = series.data.map((i) => series.renderItem({ dataIndex: i }).children);
  const words = shapes.flat().filter((shape) => shape.type === 'text').map((shape) => shape.style.text);
  assert.ok(words.includes('→ 400 Gb/s 97 %') && words.includes('→ 40 Gb/s 10 %'));
  assert.equal(shapes[2].filter((shape) => shape.type === 'polygon').length, 1, 'one way: a tip');
  assert.equal(option.tooltip.formatter({ dataIndex: 0 }),
    'cpu0 → gpu0: <b>400 Gb/s 97 %</b><br>gpu0 → cpu0: <b>idle</b>');
  assert.ok(!option.tooltip.formatter({ dataIndex: 1 }).includes('<img'));
  assert.ok(!option.tooltip.formatter({ dataIndex: 6 }).includes('<img'));
  const states = figureOption(line, palette, { width: 1000, height: 300 });
  assert.match(states.tooltip.formatter({ dataIndex: 11 }), /station 1<\/b><br>on: 75 %<br>off: 25 %/);
});

const gantt = {
  shape: 'gantt', x_unit: 'h', start: 1, end: 3, kinds: ['working', 'down'],
  rows: [
    { label: 'a', start: [1, 2], end: [2, 3], kind: [0, 1], labels: ['order 1', ''] },
    { label: 'b', start: [1.5], end: [1.5], kind: [0] },
  ],
};

test('an interval is a bar of its kind, with words where there is room', () => {
  const option = figureOption(gantt, palette, { width: 800, height: 200 });
  const [series] = option.series;
  const api = { coord: ([x, row]) => [100 * x, 30 * row], size: () => [0, 30] };
  const draw = (i) => series.renderItem({ dataIndex: i }, api);
  assert.equal(draw(0).children[0].shape.width, 100);
  assert.equal(draw(0).children[1].style.text, 'order 1');
  assert.equal(draw(1).style.fill, '#222');
  assert.ok(draw(2).shape.width > 0, 'what takes no time is seen');
  assert.equal(option.tooltip.formatter({ dataIndex: 1 }), '<b>a</b><br>down<br>2 h to 3 h');
  assert.ok(figureHeight(gantt, 800) < figureHeight({ ...gantt, rows: [...gantt.rows, ...gantt.rows] }, 800));
});

test('words on a colour are as far from it as may be', () => {
  const sheet = { ink: '#1b1d20', paper: '#fdfdfb' };
  assert.equal(readable('#1f5f8b', sheet), '#fdfdfb');
  assert.equal(readable('#7aa893', sheet), '#1b1d20');
  assert.ok(lightness('#ffffff') > 0.99);
});

test('a logarithmic axis is labelled at decades, and in between only where there are none', () => {
  assert.deepEqual(decades(0.016, 8), [0.1, 1]);
  assert.deepEqual(decades(1, 1000), [1, 10, 100, 1000]);
  assert.deepEqual(decades(100, 800), [100, 200, 500]);
  assert.deepEqual(decades(0, 10), []);
  const curve = {
    shape: 'curve', x_title: 'size', x_unit: 'kB', unit: 'µs', log_x: true, log_y: true,
    x: [16, 64, 8000], lines: [{ label: 'a', values: [12, 40, 300] }],
  };
  const option = figureOption(curve, palette, { width: 800, height: 300 });
  assert.deepEqual(option.xAxis.axisLabel.customValues, [100, 1000]);
  assert.deepEqual(option.yAxis.axisLabel.customValues, [10, 100, 1000]);
  assert.deepEqual([option.yAxis.min, option.yAxis.max], [10, 1000]);
});

test('a moment becomes a line through the figure, with its words where there is room', () => {
  const figure = {
    shape: 'time', value_title: 'Q', unit: 'B', x_unit: 's', x: [0, 1], lines: [],
    marks: [{ at: 0.1, label: 'died' }, { at: 0.99, label: 'as before again' }],
  };
  const series = figureOption(figure, palette, { width: 800, height: 300 }).series.at(-1);
  const coordSys = { x: 50, y: 40, width: 700, height: 200 };
  const draw = (i) => series.renderItem({ dataIndex: i, coordSys },
    { coord: ([x]) => [50 + 700 * x, 0] }).children;
  assert.equal(draw(0)[0].shape.y2, 240);
  assert.equal(draw(0)[1].style.align, 'left');
  assert.equal(draw(1)[1].style.align, 'right');
});
