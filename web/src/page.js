// Draws the figures of a report page. The page itself, its texts and tables are complete without
// this script; it finds each `.plot` element and fills it from the JSON beside it.
import { init, use } from 'echarts/core';
import { HeatmapChart, LineChart } from 'echarts/charts';
import {
  GridComponent,
  TooltipComponent,
  VisualMapContinuousComponent,
} from 'echarts/components';
import { CanvasRenderer, SVGRenderer } from 'echarts/renderers';
import { figureOption } from './figures.js';
import { readPalette } from './palette.js';

use([
  LineChart, HeatmapChart, GridComponent, TooltipComponent, VisualMapContinuousComponent,
  SVGRenderer, CanvasRenderer,
]);

// Beyond this many cells an SVG element for each makes the page slow.
const SVG_CELLS_MAX = 4000;
// Inside the margins of A4 and of letter paper, in CSS pixels; the style sheet has the same height.
const PRINT_SIZE = { width: 660, height: 300 };

const figures = JSON.parse(document.getElementById('figures').textContent);
const drawn = [];

function draw() {
  const palette = readPalette(document.documentElement);
  for (const { chart, figure } of drawn) {
    const size = { width: chart.getWidth(), height: chart.getHeight() };
    chart.setOption(figureOption(figure, palette, size), { notMerge: true });
  }
}

function rendererFor(figure) {
  return (figure.cells?.length ?? 0) > SVG_CELLS_MAX ? 'canvas' : 'svg';
}

for (const element of document.querySelectorAll('.plot')) {
  const figure = figures[Number(element.dataset.figure)];
  const chart = init(element, null, { renderer: rendererFor(figure) });
  drawn.push({ chart, figure, element });
}
draw();

function resize(size) {
  for (const { chart } of drawn) chart.resize(size);
  draw();
}

let pending = 0;
window.addEventListener('resize', () => {
  cancelAnimationFrame(pending);
  pending = requestAnimationFrame(() => resize({ width: 'auto', height: 'auto' }));
});
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);

// Paper is white and of fixed width, and what is folded away on the screen is wanted there.
let opened = [];
window.addEventListener('beforeprint', () => {
  document.documentElement.dataset.print = '';
  opened = [...document.querySelectorAll('details[data-print]:not([open])')];
  for (const details of opened) details.open = true;
  resize(PRINT_SIZE);
});
window.addEventListener('afterprint', () => {
  delete document.documentElement.dataset.print;
  for (const details of opened) details.open = false;
  resize({ width: 'auto', height: 'auto' });
});
