import { useEffect, useRef } from 'react';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useSettings } from '../settings.ts';
import type { LineChartProps } from './line-chart.tsx';

/** Thousands of points on a canvas, drawn again when the theme changes. */
export default function LongLines(props: LineChartProps & { readonly width: number }) {
  const ref = useRef<HTMLDivElement>(null);
  const { theme } = useSettings();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme is read from the styles
  useEffect(() => {
    const place = ref.current;
    if (place === null) return;
    const styles = getComputedStyle(document.documentElement);
    const colour = (name: string): string => styles.getPropertyValue(`--${name}`).trim();
    const axis = { stroke: colour('text-3'), grid: { stroke: colour('border'), width: 1 } };
    const plot = new UPlot(
      {
        width: props.width,
        height: props.height,
        legend: { show: false },
        scales: { y: { range: (_, __, high) => [0, high * 1.1 || 1] } },
        axes: [axis, { ...axis, values: (_, found) => found.map(props.print) }],
        series: [
          {},
          ...props.series.map((line) => ({
            label: line.name,
            stroke: colour(line.colour),
            width: line.strong ? 2 : 1.5,
          })),
        ],
      },
      [props.times.map((at) => at / 1000), ...props.series.map((line) => [...line.values])],
      place,
    );
    return () => plot.destroy();
  }, [props, theme]);
  return <div ref={ref} role="img" aria-label={props.summary} />;
}
