// The colours of the figures come from the style sheet, so that text and figures never disagree.

const LINES = ['--line-1', '--line-2', '--line-3', '--line-4', '--line-5', '--line-6', '--line-7', '--line-8'];

export function readPalette(root) {
  const style = getComputedStyle(root);
  const colour = (name) => style.getPropertyValue(name).trim();
  return {
    ink: colour('--ink'),
    faint: colour('--ink-faint'),
    rule: colour('--rule'),
    paper: colour('--paper'),
    wash: colour('--wash'),
    bad: colour('--bad'),
    lines: LINES.map(colour),
    heat: [colour('--heat-0'), colour('--heat-1'), colour('--heat-2'), colour('--heat-3')],
    font: style.getPropertyValue('font-family'),
  };
}
