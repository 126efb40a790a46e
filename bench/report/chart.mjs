import { init } from 'echarts';
import { median } from '../rounds.mjs';

const WIDTH = 760;
/** Above the bars, below them, and for each lane, in pixels. */
const [TOP, BOTTOM, LANE] = [66, 16, 42];
const FONT = 'system-ui, sans-serif';

/** The lanes of a result as bars: requests/s, and CPU time per request. @returns {string} SVG */
export function chart({ title, samples }) {
  const names = Object.keys(samples);
  const medians = (field) =>
    names.map((name) => Math.round(median(samples[name].map((sample) => sample[field]))));
  const panels = [
    { name: 'requests/s (more is better)', values: medians('perSecond'), left: 190, width: 230 },
    { name: 'CPU µs per request (less is better)', values: medians('cpu'), left: 480, width: 230 },
  ];
  const height = TOP + names.length * LANE + BOTTOM;
  const picture = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height });
  picture.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { fontFamily: FONT },
    title: [
      { text: title, left: 16, top: 12, textStyle: { fontSize: 16 } },
      ...panels.map(({ name, left }) => ({
        text: name,
        left,
        top: 46,
        padding: 0,
        textStyle: { fontSize: 12, fontWeight: 'normal', color: '#555555' },
      })),
    ],
    grid: panels.map(({ left, width }) => ({ left, width, top: TOP, bottom: BOTTOM })),
    xAxis: panels.map((_, gridIndex) => ({ type: 'value', gridIndex, show: false })),
    yAxis: panels.map((_, gridIndex) => ({
      type: 'category',
      gridIndex,
      data: names,
      inverse: true,
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: { show: gridIndex === 0, color: '#222222', fontSize: 12 },
    })),
    series: panels.map(({ values }, at) => ({
      type: 'bar',
      xAxisIndex: at,
      yAxisIndex: at,
      barWidth: 20,
      data: values.map((value, lane) => ({
        value,
        itemStyle: { color: colorOf(names[lane], lane) },
      })),
      label: {
        show: true,
        position: 'right',
        color: '#222222',
        formatter: ({ value }) => value.toLocaleString('en'),
      },
    })),
  });
  const svg = picture.renderToSVGString();
  picture.dispose();
  return `${svg}\n`;
}

/** Ours, what is to be reached, and the neighbours. */
function colorOf(name, lane) {
  if (lane === 0) return '#2563a8';
  return name.startsWith('floor') ? '#8fb3dc' : '#b4bcc6';
}
