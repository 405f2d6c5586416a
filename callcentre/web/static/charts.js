/* Draws the charts of a page with uPlot: docs/concepts/pages.md. Each chart is a block of JSON beside the table with the same figures:

     <script type="application/json" data-chart="waits">{"x": […], "time": true, "unit": "s", "series": [{"label": "Longest wait",
      "values": […], "kind": "line"}]}</script>

   x: seconds since 1970 (with "time"), or numbers; "ticks" gives the words for 0, 1, 2… instead. values: numbers or null, as many as x. kind:
   "line" (default), "bars", "steps". unit: "" (a count), "s" (seconds, shown as 2:41) or "%". zone: the name of the time zone of the x axis. */
"use strict";

(() => {
  const language = document.documentElement.lang.replace(/^en$/, "en-GB");   // the day before the month
  const charts = [];

  /* A token such as --series-1 holds light-dark(…): the browser says which colour that is now. */
  const probe = document.createElement("span");
  probe.hidden = true;
  function colour(token) {
    probe.className = "";
    probe.style.color = `var(${token})`;
    return getComputedStyle(probe).color;
  }

  const two = (number) => String(number).padStart(2, "0");
  const numbers = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  function words(unit, value) {
    if (value == null) return "–";
    if (unit === "s") {
      const [hours, minutes, seconds] = [Math.floor(value / 3600), Math.floor(value / 60) % 60, Math.round(value) % 60];
      return hours ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
    }
    return numbers.format(value) + (unit === "%" ? " %" : "");
  }

  function options(data, width) {
    const day = new Intl.DateTimeFormat(language, { day: "numeric", month: "numeric", timeZone: data.zone });
    const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: data.zone });
    const moment = (second) => {
      const date = new Date(second * 1000);
      return `${day.format(date)} ${clock.format(date)}`;
    };
    const along = (value) => (data.ticks ? data.ticks[value] ?? "" : data.time ? moment(value) : numbers.format(value));
    const ticks = (plot, places) => places.map((value, place) => {
      if (!data.time) return Number.isInteger(value) ? along(value) : "";
      const date = new Date(value * 1000);
      const first = place === 0 || day.format(date) !== day.format(new Date(places[place - 1] * 1000));
      return places.length > 1 && places[1] - places[0] >= 86400 ? day.format(date) : first ? moment(value) : clock.format(date);
    });
    /* A bar is as wide as a step: half of one needs space beside the first and the last. */
    const bars = data.ticks || data.series.some((one) => one.kind === "bars");
    const beside = !bars ? 0 : data.x.length > 1 ? (data.x[1] - data.x[0]) / 2 : 0.5;
    const axis = { stroke: colour("--muted"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false }, font: "12px system-ui, sans-serif" };
    return {
      width,
      height: Math.round(Math.min(320, Math.max(220, width * 0.35))),
      scales: { x: { time: Boolean(data.time), range: (plot, least, most) => [least - beside, most + beside] }, y: { range: (plot, least, most) => [0, most > 0 ? most * 1.08 : 1] } },
      axes: [
        { ...axis, values: ticks, space: 70, ...(data.time ? {} : { incrs: [1, 2, 5, 10, 20, 50, 100] }) },
        { ...axis, size: 56, values: (plot, places) => places.map((value) => words(data.unit, value)), ...(data.unit === "s" ? { incrs: [1, 5, 10, 30, 60, 120, 300, 600, 900, 1800, 3600] } : {}) },
      ],
      series: [
        { label: data.label ?? "", value: (plot, value) => (value == null ? "–" : along(value)) },
        ...data.series.map((one, place) => {
          const line = colour(`--series-${(one.colour ?? place) % 6 + 1}`);
          return {
            label: one.label,
            stroke: line,
            width: 2,
            dash: one.dashed ? [6, 4] : undefined,
            points: one.kind !== "bars" && data.ticks ? { show: true, size: 9, fill: line } : { show: data.x.length < 2 },
            value: (plot, value) => words(data.unit, value),
            ...(one.kind === "bars" ? { fill: line, paths: uPlot.paths.bars({ size: [0.7, 60] }) } : {}),
            ...(data.ticks && one.kind !== "bars" ? { paths: () => null } : {}),   // No line leads from one name to the next.
            ...(one.kind === "steps" ? { paths: uPlot.paths.stepped({ align: 1 }) } : {}),
          };
        }),
      ],
      cursor: { drag: { x: true, y: false } },
    };
  }

  function draw(chart) {
    chart.plot?.destroy();
    chart.width = chart.box.clientWidth;
    if (!chart.width) return;
    chart.plot = new uPlot(options(chart.data, chart.width), [chart.data.x, ...chart.data.series.map((one) => one.values)], chart.box);
  }

  document.body.append(probe);
  const sizes = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const chart = charts.find((one) => one.box === target);
      if (chart.width !== target.clientWidth) draw(chart);
    }
  });
  for (const block of document.querySelectorAll("script[data-chart]")) {
    const box = document.createElement("div");
    box.className = "plot";
    box.setAttribute("aria-hidden", "true");   // A picture of the table below, which is what is read aloud.
    block.after(box);
    const chart = { data: JSON.parse(block.textContent), box, plot: null, width: 0 };
    charts.push(chart);
    draw(chart);
    sizes.observe(box);
  }
  document.addEventListener("callcentre:theme", () => charts.forEach(draw));
})();
