// From the data of a figure to the options of ECharts. Values arrive scaled and with their units:
// how a number is written for people is decided once, where the page is made.

const NARROW = 480; // CSS pixels: a phone held upright
const MARK_WIDTH = 130; // of the name and value of a point

// Significant digits as in the tables, without exponent for the sizes that occur on an axis.
export function format(value, digits = 4) {
  if (value === null || value === undefined || Number.isNaN(value)) return '–';
  const rounded = Number(value.toPrecision(digits));
  return Math.abs(rounded) < 1e15 && (rounded === 0 || Math.abs(rounded) >= 1e-4)
    ? rounded.toLocaleString('en-US', { maximumFractionDigits: 8 })
    : rounded.toExponential(digits - 1);
}

export function withUnit(value, unit) {
  const text = format(value);
  return unit ? `${text} ${unit}` : text;
}

function escapeHtml(text) {
  const entities = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return String(text).replace(/[&<>"']/g, (c) => entities[c]);
}

export function axisTitle(title, unit) {
  if (!title) return unit;
  return unit ? `${title} (${unit})` : title;
}

function axisText(palette) {
  return { color: palette.faint, fontFamily: palette.font, fontSize: 12 };
}

function valueAxis(palette, { title, unit, ...rest }) {
  return {
    type: 'value',
    name: axisTitle(title, unit),
    nameLocation: 'middle',
    nameGap: 30,
    nameTextStyle: axisText(palette),
    axisLabel: {
      ...axisText(palette), formatter: (value) => format(value), hideOverlap: true,
      showMaxLabel: rest.max !== 'dataMax',
    },
    axisLine: { show: true, lineStyle: { color: palette.rule } },
    axisTick: { show: true, lineStyle: { color: palette.rule } },
    splitLine: { show: false },
    ...rest,
  };
}

// The name of the vertical axis lies above it, where it can be read without turning the head.
function verticalAxis(palette, options) {
  return valueAxis(palette, {
    nameLocation: 'end',
    nameGap: 14,
    nameTextStyle: { ...axisText(palette), align: 'left', padding: [0, 0, 0, -40] },
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { show: true, lineStyle: { color: palette.rule, width: 1 } },
    ...options,
  });
}

function tooltip(palette, options) {
  return {
    confine: true,
    backgroundColor: palette.paper,
    borderColor: palette.rule,
    textStyle: { color: palette.ink, fontFamily: palette.font, fontSize: 13 },
    extraCssText: 'box-shadow: none; border-radius: 2px;',
    ...options,
  };
}

function base(palette) {
  return {
    animation: false,
    color: palette.lines,
    textStyle: { fontFamily: palette.font },
    grid: { left: 52, right: 20, top: 40, bottom: 48 },
  };
}

const crosshair = (palette) => ({
  type: 'line',
  lineStyle: { color: palette.faint, type: 'solid', width: 1 },
});

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

// Lines over any axis: numbers, powers of ten, or names side by side.
function curveOption(figure, palette) {
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
    : { type: figure.log_x ? 'log' : 'value', min: 'dataMin', max: 'dataMax' };
  return {
    ...base(palette),
    tooltip: tooltip(palette, {
      trigger: 'axis',
      axisPointer: crosshair(palette),
      formatter: (rows) => escapeHtml(place(rows[0].value[0])) + rows.map(row).join(''),
    }),
    xAxis: valueAxis(palette, {
      title: figure.x_title, unit: figure.x_unit, ...across,
      ...(named ? { axisLabel: axisText(palette) } : {}),
    }),
    yAxis: verticalAxis(palette, {
      title: '', unit: figure.unit, type: figure.log_y ? 'log' : 'value',
      ...(figure.log_y ? {} : { min: (range) => Math.min(0, range.min) }),
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
    case 'curve': return curveOption(figure, palette);
    default: return heatOption(figure, palette, size);
  }
}
