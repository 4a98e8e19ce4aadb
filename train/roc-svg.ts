import type { Curve } from './eval-report.ts';

const WIDTH = 760;
const HEIGHT = 480;
const LEFT = 70;
const TOP = 30;
const PLOT_WIDTH = 430;
const PLOT_HEIGHT = 390;
const COLOURS = ['#1b6ca8', '#c2452d', '#2f8f4e', '#8a4fa3', '#b8860b', '#4a4a4a', '#008b8b', '#a0522d'];

/** The curves as one SVG picture: share of honest names flagged, on a logarithmic axis, against share of hostile ones found. */
export function rocSvg(curves: readonly Curve[]): string {
  const drawn = curves
    .filter((curve) => curve.roc.length > 0 && !curve.honest.includes('cdn'))
    .slice(0, COLOURS.length);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" font-family="sans-serif" font-size="12">`,
    '<title>ROC curves of the generated-name and the phishing model</title>',
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    ...axes(),
    ...drawn.map((curve, i) => line(curve, COLOURS[i] ?? 'black')),
    ...drawn.flatMap((curve, i) => legend(curve, i)),
    '</svg>',
  ];
  return `${parts.join('\n')}\n`;
}

const x = (fpr: number): number => LEFT + (PLOT_WIDTH * (Math.log10(Math.max(fpr, 1e-4)) + 4)) / 4;
const y = (tpr: number): number => TOP + PLOT_HEIGHT * (1 - tpr);

function axes(): string[] {
  const lines: string[] = [];
  for (const [fpr, name] of [
    [1e-4, '0.01 %'],
    [1e-3, '0.1 %'],
    [1e-2, '1 %'],
    [1e-1, '10 %'],
    [1, '100 %'],
  ] as const) {
    lines.push(`<line x1="${x(fpr)}" y1="${TOP}" x2="${x(fpr)}" y2="${y(0)}" stroke="#ddd"/>`);
    lines.push(`<text x="${x(fpr)}" y="${y(0) + 18}" text-anchor="middle">${name}</text>`);
  }
  for (let tpr = 0; tpr <= 100; tpr += 20) {
    lines.push(`<line x1="${LEFT}" y1="${y(tpr / 100)}" x2="${x(1)}" y2="${y(tpr / 100)}" stroke="#ddd"/>`);
    lines.push(`<text x="${LEFT - 8}" y="${y(tpr / 100) + 4}" text-anchor="end">${tpr} %</text>`);
  }
  lines.push(
    `<text x="${LEFT + PLOT_WIDTH / 2}" y="${HEIGHT - 16}" text-anchor="middle">honest names flagged</text>`,
  );
  lines.push(
    `<text x="16" y="${TOP + PLOT_HEIGHT / 2}" text-anchor="middle" transform="rotate(-90 16 ${TOP + PLOT_HEIGHT / 2})">hostile names found</text>`,
  );
  return lines;
}

function line(curve: Curve, colour: string): string {
  const points = curve.roc.map(({ fpr, tpr }) => `${x(fpr).toFixed(1)},${y(tpr).toFixed(1)}`).join(' ');
  return `<polyline points="${points}" fill="none" stroke="${colour}" stroke-width="2"/>`;
}

function legend(curve: Curve, index: number): string[] {
  const top = TOP + 14 + index * 36;
  const left = LEFT + PLOT_WIDTH + 20;
  return [
    `<rect x="${left}" y="${top - 9}" width="12" height="10" fill="${COLOURS[index] ?? 'black'}"/>`,
    `<text x="${left + 18}" y="${top}">${escapeXml(`${curve.hostile} vs ${curve.honest}`)}</text>`,
    `<text x="${left + 18}" y="${top + 14}" fill="#555">area ${curve.auc.value.toFixed(4)}</text>`,
  ];
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
