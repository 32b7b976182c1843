// From the data of a figure to the options of ECharts. Values arrive scaled and with their units:
// how a number is written for people is decided once, where the page is made.
import {
  axisText, axisTitle, base, crosshair, escapeHtml, format, NARROW, tooltip, valueAxis,
  verticalAxis, withUnit,
} from './parts.js';
import { diagramHeight, diagramOption } from './diagram.js';
import { ganttHeight, ganttOption } from './gantt.js';

const MARK_WIDTH = 130; // of the name and value of a point

// Points worth naming on the curve. Right of a point there is room below the curve; where the
// figure ends soon, there is room on the left above it.
function markSeries(figure, palette, { width }) {
  const [first, last] = [figure.values[0], figure.values[figure.values.length - 1]];
  const room = (mark) => (last - mark.value) / (last - first) * (width - 72);
  const late = (mark) => room(mark) < MARK_WIDTH;
  const placed = (mark) => {
    if (late(mark)) return { position: 'left' };
    return mark.share > 0.9 ? { position: 'bottom', align: 'left' } : { position: 'right' };
  };
  return {
    type: 'line', silent: true, tooltip: { show: false },
    lineStyle: { width: 0 }, symbol: 'circle', symbolSize: 7, showSymbol: true,
    itemStyle: { color: palette.lines[0] },
    label: {
      show: true, distance: 8, color: palette.ink, fontFamily: palette.font,
      fontSize: 12, formatter: ({ data }) => data.text,
    },
    data: figure.marks.map((mark) => ({
      value: [mark.value, mark.share * 100],
      text: `${mark.label} ${withUnit(mark.value, figure.unit)}`,
      label: placed(mark),
    })),
  };
}

function distributionOption(figure, palette, size) {
  const points = figure.values.map((value, i) => [value, figure.shares[i] * 100]);
  if (points.length > 0) points.unshift([points[0][0], 0]);
  return {
    ...base(palette),
    tooltip: tooltip(palette, {
      trigger: 'axis',
      axisPointer: crosshair(palette),
      formatter: ([{ value }]) =>
        `${format(value[1])} % at or below ${escapeHtml(withUnit(value[0], figure.unit))}`,
    }),
    xAxis: valueAxis(palette, { title: figure.title, unit: figure.unit, scale: true }),
    yAxis: verticalAxis(palette, {
      title: `Share of all ${figure.count} at or below`, unit: '%', min: 0, max: 100, interval: 25,
    }),
    series: [{
      type: 'line', step: 'end', data: points, showSymbol: false, silent: true,
      lineStyle: { width: 2, color: palette.lines[0] },
    }, markSeries(figure, palette, size)],
  };
}

function limitSeries(figure, palette) {
  const ends = [figure.x[0], figure.x[figure.x.length - 1]];
  return {
    type: 'line', name: figure.limit_label, data: ends.map((x) => [x, figure.limit]),
    showSymbol: false, silent: true, tooltip: { show: false },
    lineStyle: { width: 1, type: 'dashed', color: palette.faint },
    itemStyle: { color: palette.faint },
  };
}

// Moments worth seeing: a line from top to bottom, its words at the top beside it.
function momentSeries(figure, palette) {
  const marks = figure.marks;
  const renderItem = ({ dataIndex, coordSys }, api) => {
    const x = api.coord([marks[dataIndex].at, 0])[0];
    const right = coordSys.x + coordSys.width - x > marks[dataIndex].label.length * 6.5 + 8;
    const y = coordSys.y + 8 + 14 * (dataIndex % 4);
    return {
      type: 'group', silent: true,
      children: [{
        type: 'line', shape: { x1: x, y1: coordSys.y, x2: x, y2: coordSys.y + coordSys.height },
        style: { stroke: palette.ink, lineWidth: 1, lineDash: [4, 3] },
      }, {
        type: 'text',
        style: {
          text: marks[dataIndex].label, x: x + (right ? 5 : -5), y, align: right ? 'left' : 'right',
          verticalAlign: 'middle', fill: palette.ink, font: `12px ${palette.font}`,
          stroke: palette.paper, lineWidth: 3,
        },
      }],
    };
  };
  return {
    type: 'custom', silent: true, tooltip: { show: false }, encode: { x: 0 }, renderItem, z: 5,
    data: marks.map((mark) => [mark.at, 0]),
  };
}

// Time begins at nought, unless the samples begin so late that the figure would be half empty.
function timeStart(times) {
  return times[0] < 0.2 * times[times.length - 1] ? 0 : 'dataMin';
}

function timeOption(figure, palette) {
  const series = figure.lines.map((line, i) => ({
    type: 'line', name: line.label, data: figure.x.map((x, k) => [x, line.values[k]]),
    showSymbol: false, silent: true, step: figure.step ? 'end' : false,
    lineStyle: { width: 1.75, color: palette.lines[i % palette.lines.length] },
    itemStyle: { color: palette.lines[i % palette.lines.length] },
  }));
  if (figure.limit !== undefined && figure.x.length > 0) series.push(limitSeries(figure, palette));
  if (figure.marks) series.push(momentSeries(figure, palette));
  const row = ({ seriesName, value }) =>
    `<br>${escapeHtml(seriesName)}: ${escapeHtml(withUnit(value[1], figure.unit))}`;
  return {
    ...base(palette),
    tooltip: tooltip(palette, {
      trigger: 'axis',
      axisPointer: crosshair(palette),
      formatter: (rows) =>
        escapeHtml(withUnit(rows[0].value[0], figure.x_unit)) + rows.map(row).join(''),
    }),
    xAxis: valueAxis(palette, {
      title: 'Simulated time', unit: figure.x_unit, min: timeStart(figure.x), max: 'dataMax',
    }),
    yAxis: verticalAxis(palette, { title: figure.value_title, unit: figure.unit, min: 0 }),
    series,
  };
}

// Where a logarithmic axis has labels: at powers of ten, and where hardly one lies between its ends
// at twice and five times those as well.
export function decades(low, high) {
  if (!(low > 0 && high >= low)) return [];
  const within = (factors) => {
    const labels = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); ++power) {
      for (const factor of factors) {
        const value = Number((factor * 10 ** power).toPrecision(6));
        if (value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9)) labels.push(value);
      }
    }
    return labels;
  };
  const powers = within([1]);
  return powers.length >= 2 ? powers : within([1, 2, 5]);
}

function logAxis(low, high) {
  const labels = decades(low, high);
  return {
    type: 'log', min: low, max: high,
    axisTick: { customValues: labels }, axisLabel: { customValues: labels },
  };
}

// The decades that hold all of the values.
function wholeDecades(values) {
  const positive = values.filter((value) => value > 0);
  if (positive.length === 0) return [1, 10];
  const low = 10 ** Math.floor(Math.log10(Math.min(...positive)) + 1e-9);
  const high = 10 ** Math.ceil(Math.log10(Math.max(...positive)) - 1e-9);
  return [low, Math.max(high, 10 * low)];
}

// Names of points, all of them while they have room for a word each.
function nameLabels(figure, palette, width) {
  const room = (width - 72) / figure.labels.length;
  return {
    ...axisText(palette), formatter: (name) => name, ...(room >= 36 ? { interval: 0, width: room - 4, overflow: 'break' } : {}),
  };
}

// Lines over any axis: numbers, powers of ten, or names side by side.
function curveOption(figure, palette, { width }) {
  const named = Array.isArray(figure.labels);
  const series = figure.lines.map((line, i) => ({
    type: 'line', name: line.label, silent: true, connectNulls: false,
    data: line.values.map((value, k) => [named ? k : figure.x[k], value]),
    symbol: 'circle', symbolSize: 6, showSymbol: figure.x.length <= 16,
    lineStyle: { width: 1.75, color: palette.lines[i % palette.lines.length] },
    itemStyle: { color: palette.lines[i % palette.lines.length] },
  }));
  if (figure.limit !== undefined) {
    series.push(limitSeries(named ? { ...figure, x: [0, figure.x.length - 1] } : figure, palette));
  }
  const place = (x) => (named ? figure.labels[x] : withUnit(x, figure.x_unit));
  const row = ({ seriesName, value }) =>
    `<br>${escapeHtml(seriesName)}: ${escapeHtml(withUnit(value[1], figure.unit))}`;
  const across = named
    ? { type: 'category', data: figure.labels, boundaryGap: true }
    : figure.log_x
      ? logAxis(figure.x[0], figure.x[figure.x.length - 1])
      : { type: 'value', min: 'dataMin', max: 'dataMax' };
  const values = figure.lines.flatMap((line) => line.values).concat(figure.limit ?? []);
  const up = figure.log_y
    ? logAxis(...wholeDecades(values))
    : { type: 'value', min: (range) => Math.min(0, range.min) };
  return {
    ...base(palette),
    tooltip: tooltip(palette, {
      trigger: 'axis',
      axisPointer: crosshair(palette),
      formatter: (rows) => escapeHtml(place(rows[0].value[0])) + rows.map(row).join(''),
    }),
    xAxis: valueAxis(palette, {
      title: figure.x_title, unit: figure.x_unit, ...across,
      ...(named ? { axisLabel: nameLabels(figure, palette, width) } : {}),
    }),
    yAxis: verticalAxis(palette, {
      title: '', unit: figure.unit, ...up,
    }),
    series,
  };
}

// Steps that people count in: the smallest 1, 2 or 5 times a power of ten at or above `least`.
export function niceStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((k) => k * power).find((step) => step >= least * (1 - 1e-9));
}

// The labels of an axis on which `room` of them fit, '' for an entry without one: nice steps on a
// numeric axis, each at the entry in which it falls; equal distances on one with words.
export function axisLabels(labels, room) {
  const fit = Math.max(1, Math.floor(room));
  const numeric = typeof labels[0] === 'number';
  const span = labels[labels.length - 1] - labels[0];
  if (labels.length <= fit || (numeric && !(span > 0))) return labels.map((x) => text(x));
  if (!numeric) {
    const every = niceStep(labels.length / fit);
    return labels.map((label, i) => (i % every === 0 ? label : ''));
  }
  const step = niceStep(span / fit);
  const reached = (value) => Math.floor(value / step + 1e-9);
  return labels.map((value, i) => {
    const before = i === 0 ? reached(value - step * 1e-6) : reached(labels[i - 1]);
    return reached(value) === before ? '' : format(reached(value) * step);
  });
}

function text(label) {
  return typeof label === 'number' ? format(label) : label;
}

function heatAxis(palette, axis, room, options) {
  const shown = axisLabels(axis.labels, room);
  return {
    type: 'category',
    data: axis.labels.map(text),
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { show: false },
    axisLabel: {
      ...axisText(palette), interval: (i) => shown[i] !== '', formatter: (_, i) => shown[i],
      ...options,
    },
  };
}

function heatOption(figure, palette, { width, height }) {
  const [TOP, RIGHT, BOTTOM] = [12, 20, 96];
  const left = width < NARROW ? 92 : 118;
  const columns = figure.columns.labels.length;
  const data = figure.cells.map((value, i) => [
    i % columns, Math.floor(i / columns), value === null ? '-' : value,
  ]);
  const named = (axis, i) => `${axis.title} ${withLabel(axis, i)}`;
  const withLabel = (axis, i) =>
    typeof axis.labels[i] === 'number' ? withUnit(axis.labels[i], axis.unit) : axis.labels[i];
  return {
    ...base(palette),
    grid: { left, right: RIGHT, top: TOP, bottom: BOTTOM },
    tooltip: tooltip(palette, {
      formatter: ({ value }) =>
        `${escapeHtml(named(figure.rows, value[1]))}<br>` +
        `${escapeHtml(named(figure.columns, value[0]))}<br>` +
        `<b>${escapeHtml(withUnit(value[2] === '-' ? null : value[2], figure.unit))}</b>`,
    }),
    xAxis: {
      ...heatAxis(palette, figure.columns, (width - left - RIGHT) / 48, {}),
      name: axisTitle(figure.columns.title, figure.columns.unit),
      nameLocation: 'middle', nameGap: 30, nameTextStyle: axisText(palette),
    },
    yAxis: {
      ...heatAxis(palette, figure.rows, (height - TOP - BOTTOM) / 16, {
        width: left - 8, overflow: 'truncate',
      }),
      inverse: true,
    },
    visualMap: {
      type: 'continuous', min: figure.min, max: figure.max, calculable: false,
      orient: 'horizontal', left: 'center', bottom: 4, itemWidth: 12, itemHeight: 160,
      text: [withUnit(figure.max, figure.unit), withUnit(figure.min, figure.unit)],
      textStyle: axisText(palette), inRange: { color: palette.heat },
    },
    series: [{
      type: 'heatmap', data, progressive: 0,
      itemStyle: { borderColor: palette.paper, borderWidth: columns * figure.rows.labels.length > 2000 ? 0 : 0.5 },
      emphasis: { itemStyle: { borderColor: palette.ink, borderWidth: 1 } },
    }],
  };
}

// `size`: width and height of the drawing in CSS pixels.
export function figureOption(figure, palette, size) {
  switch (figure.shape) {
    case 'distribution': return distributionOption(figure, palette, size);
    case 'time': return timeOption(figure, palette);
    case 'curve': return curveOption(figure, palette, size);
    case 'diagram': return diagramOption(figure, palette, size);
    case 'gantt': return ganttOption(figure, palette, size);
    default: return heatOption(figure, palette, size);
  }
}

// What a figure needs in height at a given width; undefined where the style sheet decides.
export function figureHeight(figure, width) {
  switch (figure.shape) {
    case 'diagram': return diagramHeight(figure, width);
    case 'gantt': return ganttHeight(figure);
    default: return undefined;
  }
}
