// What all figures share: numbers in words, axes, tooltips.

export const NARROW = 480; // CSS pixels: a phone held upright

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

export function escapeHtml(text) {
  const entities = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return String(text).replace(/[&<>"']/g, (c) => entities[c]);
}

export function axisTitle(title, unit) {
  if (!title) return unit;
  return unit ? `${title} (${unit})` : title;
}

export function axisText(palette) {
  return { color: palette.faint, fontFamily: palette.font, fontSize: 12 };
}

export function valueAxis(palette, { title, unit, axisLabel, axisTick, ...rest }) {
  return {
    type: 'value',
    name: axisTitle(title, unit),
    nameLocation: 'middle',
    nameGap: 30,
    nameTextStyle: axisText(palette),
    axisLabel: {
      ...axisText(palette), formatter: (value) => format(value), hideOverlap: true,
      showMaxLabel: rest.max !== 'dataMax', ...axisLabel,
    },
    axisLine: { show: true, lineStyle: { color: palette.rule } },
    axisTick: { show: true, lineStyle: { color: palette.rule }, ...axisTick },
    splitLine: { show: false },
    ...rest,
  };
}

// The name of the vertical axis lies above it, where it can be read without turning the head.
export function verticalAxis(palette, options) {
  return valueAxis(palette, {
    nameLocation: 'end',
    nameGap: 14,
    nameTextStyle: { ...axisText(palette), align: 'left', padding: [0, 0, 0, -40] },
    axisLine: { show: false },
    splitLine: { show: true, lineStyle: { color: palette.rule, width: 1 } },
    ...options,
    axisTick: { show: false, ...options.axisTick },
  });
}

export function tooltip(palette, options) {
  return {
    confine: true,
    backgroundColor: palette.paper,
    borderColor: palette.rule,
    textStyle: { color: palette.ink, fontFamily: palette.font, fontSize: 13 },
    extraCssText: 'box-shadow: none; border-radius: 2px;',
    ...options,
  };
}

export function base(palette) {
  return {
    animation: false,
    color: palette.lines,
    textStyle: { fontFamily: palette.font },
    grid: { left: 52, right: 20, top: 40, bottom: 48 },
  };
}

export const crosshair = (palette) => ({
  type: 'line',
  lineStyle: { color: palette.faint, type: 'solid', width: 1 },
});
