// What the figures say, without a browser.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { axisLabels, axisTitle, figureOption, format, niceStep, withUnit } from '../src/figures.js';

const palette = {
  ink: '#000', faint: '#555', rule: '#ccc', paper: '#fff', font: 'sans-serif',
  lines: ['#111', '#222', '#333', '#444', '#555', '#666'], heat: ['#fff', '#000'],
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
