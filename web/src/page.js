// Draws the figures of a report page. The page itself, its texts and tables are complete without
// this script; it finds each `.plot` element and fills it from the JSON beside it.
import { init, use } from 'echarts/core';
import { CustomChart, HeatmapChart, LineChart } from 'echarts/charts';
import {
  GridComponent,
  TooltipComponent,
  VisualMapContinuousComponent,
} from 'echarts/components';
import { CanvasRenderer, SVGRenderer } from 'echarts/renderers';
import { figureHeight, figureOption } from './figures.js';
import { readPalette } from './palette.js';

use([
  LineChart, HeatmapChart, CustomChart, GridComponent, TooltipComponent, VisualMapContinuousComponent,
  SVGRenderer, CanvasRenderer,
]);

// Beyond this many cells an SVG element for each makes the page slow.
const SVG_CELLS_MAX = 4000;
// Inside the margins of A4 and of letter paper, in CSS pixels; the style sheet has the same height.
const PRINT_SIZE = { width: 660, height: 300, most: 840 };

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
  const intervals = figure.rows?.reduce?.((sum, row) => sum + row.start.length, 0);
  return (figure.cells?.length ?? intervals ?? 0) > SVG_CELLS_MAX ? 'canvas' : 'svg';
}

// The size of a figure in a place so wide. Figures that grow with what they show have a height of
// their own at each width; what would be higher than a sheet is drawn wider and made smaller.
function fit(element, figure, width, most = Infinity) {
  const height = figureHeight(figure, width);
  if (height === undefined) return undefined;
  const zoom = Math.min(1, most / height);
  const size = { width: width / zoom, height: figureHeight(figure, width / zoom) };
  element.style.height = `${size.height}px`;
  element.style.width = zoom < 1 ? `${size.width}px` : '';
  element.style.zoom = zoom < 1 ? zoom : '';
  return size;
}

for (const element of document.querySelectorAll('.plot')) {
  const figure = figures[Number(element.dataset.figure)];
  fit(element, figure, element.clientWidth);
  const chart = init(element, null, { renderer: rendererFor(figure) });
  drawn.push({ chart, figure, element });
}
draw();

function resize() {
  for (const { chart, figure, element } of drawn) {
    fit(element, figure, element.parentElement.clientWidth);
    chart.resize({ width: 'auto', height: 'auto' });
  }
  draw();
}

function resizeForPrint() {
  for (const { chart, figure, element } of drawn) {
    chart.resize(fit(element, figure, PRINT_SIZE.width, PRINT_SIZE.most) ?? PRINT_SIZE);
  }
  draw();
}

let pending = 0;
window.addEventListener('resize', () => {
  cancelAnimationFrame(pending);
  pending = requestAnimationFrame(() => resize());
});
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);

// Paper is white and of fixed width, and what is folded away on the screen is wanted there.
let opened = [];
window.addEventListener('beforeprint', () => {
  document.documentElement.dataset.print = '';
  opened = [...document.querySelectorAll('details[data-print]:not([open])')];
  for (const details of opened) details.open = true;
  resizeForPrint();
});
window.addEventListener('afterprint', () => {
  delete document.documentElement.dataset.print;
  for (const details of opened) details.open = false;
  resize();
});
