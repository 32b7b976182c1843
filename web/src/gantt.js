// What each row did when: a bar for every interval of the window.
import { axisText, base, escapeHtml, NARROW, tooltip, valueAxis, withUnit } from './parts.js';

const ROW_HEIGHT = 30;
const MARGIN = { right: 20, top: 10, bottom: 48 };
const WORDS_MIN = 34; // pixels: narrower bars carry no words

// How light a colour is, 0 to 1; the sheet writes them as #rrggbb.
export function lightness(colour) {
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16) / 255);
  return 0.299 * r + 0.587 * g + 0.114 * b;
}

// Of ink and paper the one that is further from the colour behind it.
export function readable(colour, palette) {
  const far = (other) => Math.abs(lightness(colour) - lightness(other));
  return far(palette.ink) > far(palette.paper) ? palette.ink : palette.paper;
}

function flat(figure) {
  return figure.rows.flatMap((row, r) => row.start.map((start, i) => ({
    value: [r, start, row.end[i], row.kind[i]], text: row.labels?.[i] ?? '',
  })));
}

export function ganttOption(figure, palette, { width }) {
  const left = width < NARROW ? 92 : 118;
  const data = flat(figure);
  const colour = (kind) => palette.lines[kind % palette.lines.length];
  const renderItem = ({ dataIndex }, api) => {
    const [row, start, end, kind] = data[dataIndex].value;
    const from = api.coord([start, row]);
    const to = api.coord([end, row]);
    const height = api.size([0, 1])[1] * 0.64;
    const wide = Math.max(0.75, to[0] - from[0]);
    const bar = {
      type: 'rect', shape: { x: from[0], y: from[1] - height / 2, width: wide, height },
      style: { fill: colour(kind) },
    };
    if (data[dataIndex].text === '' || wide < WORDS_MIN) return bar;
    const words = {
      type: 'text', silent: true,
      style: {
        text: data[dataIndex].text, x: from[0] + 4, y: from[1], width: wide - 8,
        overflow: 'truncate', ellipsis: '…', verticalAlign: 'middle',
        fill: readable(colour(kind), palette), font: `11px ${palette.font}`,
      },
    };
    return { type: 'group', children: [bar, words] };
  };
  return {
    ...base(palette),
    grid: { ...MARGIN, left },
    tooltip: tooltip(palette, {
      formatter: ({ dataIndex }) => {
        const { value: [row, start, end, kind], text } = data[dataIndex];
        const time = `${withUnit(start, figure.x_unit)} to ${withUnit(end, figure.x_unit)}`;
        return [`<b>${escapeHtml(figure.rows[row].label)}</b>`, escapeHtml(figure.kinds[kind]),
          escapeHtml(text), escapeHtml(time)].filter(Boolean).join('<br>');
      },
    }),
    xAxis: valueAxis(palette, {
      title: 'Simulated time', unit: figure.x_unit, min: figure.start, max: figure.end,
    }),
    yAxis: {
      type: 'category', inverse: true, data: figure.rows.map((row) => row.label),
      axisLine: { show: false }, axisTick: { show: false },
      splitLine: { show: true, lineStyle: { color: palette.rule } },
      axisLabel: { ...axisText(palette), interval: 0, width: left - 8, overflow: 'truncate' },
    },
    // All at once: drawn bit by bit, a day of thousands of bars stays empty while the page is busy.
    series: [{
      type: 'custom', renderItem, encode: { x: [1, 2], y: 0 }, data, clip: true, progressive: 0,
    }],
  };
}

export const ganttHeight = (figure) =>
  MARGIN.top + MARGIN.bottom + ROW_HEIGHT * Math.max(1, figure.rows.length);
