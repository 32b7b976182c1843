// Parts and links as a drawing: boxes in levels, and for each link a stroke a direction whose width
// and colour are its load.
import { base, escapeHtml, tooltip, withUnit } from './parts.js';

const COLUMN_MIN = 84; // pixels for a box and something of its links
const BOX_WIDTH = 132;
const STROKES_APART = 6; // of the two directions of a link
const LABEL_WIDTH = 92; // "→ 442 Gb/s 97 %"
const ARROW_ROOM = 40; // "→ 97 %"; with less the side of the link says the direction
const WORTH_SAYING = 0.005; // smaller shares are in the table and the tooltip
const ROOMY = 84; // boxes from this width on have a second line of words
const FULL = 0.95; // as in the legend of the page
const LETTER = 6.5; // of a name, on average
const LINE = 13;
const PAD = { top: 16, bottom: 16, side: 2, bow: 32 }; // a bow: a link beside its boxes

const span = (values) => Math.max(0, ...values) + 1;

function bend(start, end, zone) {
  const x = end.x - zone;
  const middle = (start.x + x) / 2;
  return `M${start.x} ${start.y}C${middle} ${start.y} ${middle} ${end.y} ${x} ${end.y}L${end.x} ${end.y}`;
}

// Room at the sides for links between boxes of one level.
function sides(figure) {
  const bows = figure.links.map((link) => [link.from, link.to].map((i) => figure.nodes[i].level))
    .filter(([a, b]) => a === b);
  const pad = (needed) => (needed ? PAD.bow : PAD.side);
  return { left: pad(bows.some(([a]) => a === 0)), right: pad(bows.some(([a]) => a > 0)) };
}

// Where everything stands, for a drawing of `width` pixels. Levels go across, or down where they
// would become too narrow and the positions would not.
export function diagramLayout(figure, width) {
  const levels = span(figure.nodes.map((node) => node.level));
  const places = span(figure.nodes.map((node) => node.position));
  const { left, right } = sides(figure);
  const room = width - left - right;
  const across = room / levels >= COLUMN_MIN || room / places < COLUMN_MIN;
  const column = room / (across ? levels : places);
  const share = figure.links.some((link) => link.backward) ? 0.62 : 0.66;
  const wide = Math.min(BOX_WIDTH, across ? column * (levels > 1 ? share : 1) : column - 16);
  // Names that do not fit take a second line.
  const lines = figure.nodes.some((node) => node.name.length * LETTER > wide - 12) ? 2 : 1;
  const roomy = wide >= ROOMY;
  const second = figure.nodes.some((node) => node.shares || (roomy && node.label));
  const high = (second ? 34 : 26) + (lines - 1) * LINE;
  // The last level needs no room for links behind it.
  const step = across && levels > 1 ? (room - wide) / (levels - 1) : column;
  const pitch = across ? high + 12 : high + 44;
  const boxes = figure.nodes.map((node) => ({
    x: left + (across ? node.level * step : node.position * column + (column - wide) / 2),
    y: PAD.top + (across ? node.position : node.level) * pitch,
    width: wide,
    height: high,
  }));
  const height = PAD.top + PAD.bottom + high + pitch * ((across ? places : levels) - 1);
  const layout = { across, boxes, height, gap: across ? step - wide : pitch - high, lines, roomy };
  return { ...layout, ways: figure.links.map((link, i) => wayOf(figure, layout, link, i)) };
}

// Links to the next levels leave a box at different heights, in the order of where they lead.
function turnOf(figure, layout, link, index) {
  const along = layout.across ? 'y' : 'x';
  const fan = figure.links.map((other, i) => ({ other, i }))
    .filter(({ other }) => other.from === link.from
      && figure.nodes[other.to].level > figure.nodes[other.from].level)
    .sort((a, b) => layout.boxes[a.other.to][along] - layout.boxes[b.other.to][along]);
  const place = fan.findIndex(({ i }) => i === index);
  return (place - (fan.length - 1) / 2) * Math.min(8, 24 / fan.length);
}

const middle = (box) => ({ x: box.x + box.width / 2, y: box.y + box.height / 2 });

// The line of a link, how its two directions are set apart, where its words stand and how much room
// they have, and the arrow head of a link of one direction.
function wayOf(figure, layout, link, index) {
  const [from, to] = [layout.boxes[link.from], layout.boxes[link.to]];
  const [a, b] = [figure.nodes[link.from], figure.nodes[link.to]];
  if (b.level > a.level) {
    const turn = turnOf(figure, layout, link, index);
    return layout.across ? wayAcross(layout, from, to, turn, !link.backward) : wayDown(from, to, turn);
  }
  if (a.position === b.position || b.level === a.level) {
    return layout.across === (b.level === a.level)
      ? bowBeside(layout, from, to, a.level > 0) : bowBelow(from, to);
  }
  return wayBack(layout, from, to);
}

function wayAcross(layout, from, to, turn, alone) {
  const start = { x: from.x + from.width, y: middle(from).y + turn };
  const end = { x: to.x, y: middle(to).y };
  const room = Math.min(LABEL_WIDTH, layout.gap * 0.72);
  return {
    path: bend(start, end, room), apart: { x: 0, y: 1 }, room,
    words: alone
      ? { x: end.x - room / 2 - 3, y: end.y, align: 'center' } : { x: end.x - 5, y: end.y, align: 'right' },
    tip: { ...end, dx: 1, dy: 0 },
  };
}

function wayDown(from, to, turn) {
  const start = { x: middle(from).x + turn, y: from.y + from.height };
  const end = { x: middle(to).x, y: to.y };
  const half = (start.y + end.y) / 2;
  return {
    path: `M${start.x} ${start.y}C${start.x} ${half} ${end.x} ${half} ${end.x} ${end.y}`,
    apart: { x: 1, y: 0 }, room: LABEL_WIDTH,
    words: { x: end.x + 10, y: end.y - 16, align: 'left' }, tip: { ...end, dx: 0, dy: 1 },
  };
}

// Between boxes in one column: a bow at their side.
function bowBeside(layout, from, to, right) {
  const edge = (box) => ({ x: right ? box.x + box.width : box.x, y: middle(box).y });
  const [start, end, out] = [edge(from), edge(to), right ? 26 : -26];
  return {
    path: `M${start.x} ${start.y}C${start.x + out} ${start.y} ${end.x + out} ${end.y} ${end.x} ${end.y}`,
    apart: { x: 1, y: 0 }, room: layout.gap * 0.72,
    words: {
      x: start.x + (right ? 14 : -12), y: (start.y + end.y) / 2, align: right ? 'right' : 'left',
    },
    tip: { ...end, dx: right ? -1 : 1, dy: 0 },
  };
}

// Between boxes in one row: a bow below them.
function bowBelow(from, to) {
  const edge = (box) => ({ x: middle(box).x, y: box.y + box.height });
  const [start, end] = [edge(from), edge(to)];
  const dip = start.y + 20;
  return {
    path: `M${start.x} ${start.y}C${start.x} ${dip} ${end.x} ${dip} ${end.x} ${end.y}`,
    apart: { x: 0, y: 1 }, room: LABEL_WIDTH,
    words: { x: (start.x + end.x) / 2, y: dip - 5, align: 'center' }, tip: { ...end, dx: 0, dy: -1 },
  };
}

// Back to an earlier level in another row: the box of the first row is left or entered on the side
// of the other row, the other box on the side of the first.
function wayBack(layout, from, to) {
  const [along, over] = layout.across ? ['x', 'y'] : ['y', 'x'];
  const size = { x: 'width', y: 'height' };
  const [first, other] = from[over] < to[over] ? [from, to] : [to, from];
  const later = middle(first)[along] > middle(other)[along];
  const at = { [along]: middle(first)[along], [over]: first[over] + first[size[over]] };
  const beside = {
    [along]: other[along] + (later ? other[size[along]] : 0), [over]: middle(other)[over],
  };
  const turn = { [along]: at[along], [over]: beside[over] };
  const [start, end] = first === from ? [at, beside] : [beside, at];
  const half = {
    x: (start.x + 2 * turn.x + end.x) / 4, y: (start.y + 2 * turn.y + end.y) / 4,
  };
  const towards = first === to ? { [along]: 0, [over]: -1 } : { [along]: later ? -1 : 1, [over]: 0 };
  return {
    path: `M${start.x} ${start.y}Q${turn.x} ${turn.y} ${end.x} ${end.y}`,
    apart: { x: 0, y: 1 }, room: LABEL_WIDTH,
    words: layout.across
      ? { ...half, y: half.y + 24, align: 'center' } : { ...half, x: half.x - 8, align: 'right' },
    tip: { ...end, dx: towards.x, dy: towards.y },
  };
}

// Colour and width of a direction by what share of it is in use.
export function strokeOf(share, palette) {
  const load = share ?? 0;
  if (load <= 0) return { colour: palette.rule, width: 1.5 };
  const colour = load >= FULL ? palette.bad : palette.heat[load >= 0.5 ? 3 : load >= 0.1 ? 2 : 1];
  return { colour, width: 1.5 + 4 * Math.min(1, load) };
}

function loadText(load, unit, long) {
  const [value, share] = load;
  if (!(value > 0) && !(share > 0)) return '';
  const percent = share === null ? '' : `${share >= 0.1 ? Math.round(100 * share) : (100 * share).toPrecision(1)} %`;
  if (value === null) return percent;
  return long || percent === '' ? `${withUnit(Number(value.toPrecision(value < 0.1 ? 1 : 3)), unit)} ${percent}`.trim() : percent;
}

// An arrow head at the end of a link of one direction.
function tipOf({ x, y, dx, dy }, colour) {
  const back = [x - 7 * dx, y - 7 * dy];
  const points = [[x, y], [back[0] - 4 * dy, back[1] + 4 * dx], [back[0] + 4 * dy, back[1] - 4 * dx]];
  return { type: 'polygon', shape: { points }, style: { fill: colour } };
}

function word(text, x, y, palette, style) {
  return {
    type: 'text', silent: true,
    style: {
      text, x, y, fill: palette.ink, font: `11px ${palette.font}`, verticalAlign: 'middle', ...style,
    },
  };
}

function linkShapes(figure, link, way, palette) {
  const shapes = [];
  const both = link.backward !== undefined;
  const directions = [[link.forward, both ? -1 : 0, '→'], ...(both ? [[link.backward, 1, '←']] : [])];
  for (const [load, side, arrow] of directions) {
    const { colour, width } = strokeOf(load[1], palette);
    const shift = side * STROKES_APART / 2;
    shapes.push({
      type: 'path', shape: { pathData: way.path }, x: shift * way.apart.x, y: shift * way.apart.y,
      style: { fill: 'none', stroke: colour, lineWidth: width },
    });
    if (!both) shapes.push(tipOf(way.tip, colour));
    if (!(load[1] === null ? load[0] > 0 : load[1] >= WORTH_SAYING)) continue;
    const text = loadText(load, figure.unit, way.room >= LABEL_WIDTH);
    shapes.push(word(both && way.room >= ARROW_ROOM ? `${arrow} ${text}` : text, way.words.x, way.words.y + (both ? 13 * side : -11),
      palette, { align: way.words.align, stroke: palette.paper, lineWidth: 3 }));
  }
  return shapes;
}

function nodeShapes(figure, node, box, palette, { lines, roomy }) {
  const { x, y, width, height } = box;
  const shapes = [{
    type: 'rect', shape: { x, y, width, height, r: 2 },
    style: { fill: palette.wash, stroke: palette.faint, lineWidth: 1 },
  }];
  const stripe = node.kind !== undefined && !node.shares && figure.kinds.length > 1;
  if (stripe) {
    shapes.push({
      type: 'rect', shape: { x, y, width: 4, height }, silent: true,
      style: { fill: palette.lines[node.kind % palette.lines.length] },
    });
  }
  const left = x + (stripe ? 9 : 6);
  const room = x + width - left - 3;
  const words = roomy && !node.shares ? node.label : undefined;
  const second = words || node.shares;
  const name = {
    font: `600 ${lines > 1 ? 10.5 : 12}px ${palette.font}`, lineHeight: LINE, width: room,
  };
  shapes.push(word(node.name, left, second ? y + 4 : y + height / 2, palette, {
    ...name, verticalAlign: second ? 'top' : 'middle', ellipsis: '…',
    ...(lines > 1 ? { overflow: 'break', height: lines * LINE, lineOverflow: 'truncate' } : { overflow: 'truncate' }),
  }));
  if (words) {
    shapes.push(word(words, left, y + height - 9, palette,
      { width: room, overflow: 'truncate', ellipsis: '…', fill: palette.faint }));
  }
  let at = x + 1;
  (node.shares ?? []).forEach((share, i) => {
    const part = share * (width - 2);
    if (part > 0) {
      shapes.push({
        type: 'rect', shape: { x: at, y: y + height - 13, width: part, height: 12 }, silent: true,
        style: { fill: palette.lines[i % palette.lines.length] },
      });
    }
    at += part;
  });
  return shapes;
}

function linkText(figure, link) {
  const name = (index) => escapeHtml(figure.nodes[index].name);
  const line = (from, to, load) =>
    `${name(from)} → ${name(to)}: <b>${escapeHtml(loadText(load, figure.unit, true) || 'idle')}</b>`;
  const lines = [line(link.from, link.to, link.forward)];
  if (link.label) lines.unshift(escapeHtml(link.label));
  if (link.backward) lines.push(line(link.to, link.from, link.backward));
  return lines.join('<br>');
}

function nodeText(figure, node) {
  const kind = node.kind === undefined ? null : figure.kinds[node.kind];
  const states = (node.shares ?? []).map((share, i) =>
    `${escapeHtml(figure.states[i])}: ${escapeHtml(withUnit(100 * share, '%'))}`);
  return [`<b>${escapeHtml(node.name)}</b>`, ...[...new Set([node.label, kind])].filter(Boolean).map(escapeHtml),
    ...states].join('<br>');
}

export function diagramOption(figure, palette, { width }) {
  const layout = diagramLayout(figure, width);
  const links = figure.links.length;
  return {
    ...base(palette),
    tooltip: tooltip(palette, {
      formatter: ({ dataIndex }) => (dataIndex < links
        ? linkText(figure, figure.links[dataIndex])
        : nodeText(figure, figure.nodes[dataIndex - links])),
    }),
    series: [{
      type: 'custom', coordinateSystem: 'none',
      data: Array.from({ length: links + figure.nodes.length }, (_, i) => i),
      renderItem: ({ dataIndex }) => ({
        type: 'group',
        children: dataIndex < links
          ? linkShapes(figure, figure.links[dataIndex], layout.ways[dataIndex], palette)
          : nodeShapes(figure, figure.nodes[dataIndex - links], layout.boxes[dataIndex - links], palette,
            layout),
      }),
    }],
  };
}

export const diagramHeight = (figure, width) => Math.ceil(diagramLayout(figure, width).height);
