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
  const intervals = figure.rows?.reduce?.((sum, row) => sum + row.start.length, 0);
  return (figure.cells?.length ?? intervals ?? 0) > SVG_CELLS_MAX ? 'canvas' : 'svg';
}

// Figures that grow with what they show have a height of their own at each width.
function setHeight(element, figure, width) {
  const height = figureHeight(figure, width);
  if (height !== undefined) element.style.height = `${height}px`;
  return height;
}

for (const element of document.querySelectorAll('.plot')) {
  const figure = figures[Number(element.dataset.figure)];
  setHeight(element, figure, element.clientWidth);
  const chart = init(element, null, { renderer: rendererFor(figure) });
  drawn.push({ chart, figure, element });
}
draw();

// To a given size, or to what the page gives.
function resize(size) {
  for (const { chart, figure, element } of drawn) {
    const height = setHeight(element, figure, size?.width ?? element.clientWidth);
    chart.resize(size ? { width: size.width, height: height ?? size.height }
      : { width: 'auto', height: 'auto' });
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
  resize(PRINT_SIZE);
});
window.addEventListener('afterprint', () => {
  delete document.documentElement.dataset.print;
  for (const details of opened) details.open = false;
  resize();
});
