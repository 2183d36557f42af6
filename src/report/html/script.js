// Makes the charts of the page answer a pointer. The page can be read without it.
"use strict";
(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const root = document.documentElement;

  // Light and dark: as the reader's system has it until somebody chooses.
  const dark = () => (root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const theme = document.createElement("button");
  theme.id = "theme";
  theme.type = "button";
  const name = () => { theme.textContent = dark() ? "Light theme" : "Dark theme"; };
  theme.addEventListener("click", () => { root.dataset.theme = dark() ? "light" : "dark"; name(); });
  name();
  document.querySelector("header").append(theme);

  // Paper cannot be clicked.
  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((one) => { one.open = true; }));

  const element = (kind, attributes, parent) => {
    const made = document.createElementNS(SVG, kind);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (parent) parent.append(made);
    return made;
  };

  const clockSteps = [
    0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800,
    21600, 43200, 86400, 172800, 432000, 864000,
  ];

  const clockText = (seconds, step) => {
    const two = (n) => String(n).padStart(2, "0");
    const ms = Math.round(seconds * 1000);
    const s = Math.floor(ms / 1000);
    const day = Math.floor(s / 86400);
    let text = `${two(Math.floor(s / 3600) % 24)}:${two(Math.floor(s / 60) % 60)}`;
    if (step < 60) text += `:${two(s % 60)}`;
    if (step < 1) text += `.${String(ms % 1000).padStart(3, "0")}`;
    return day > 0 ? `day ${day + 1} ${text}` : text;
  };

  for (const figure of document.querySelectorAll("figure[data-chart]")) {
    const source = figure.querySelector("script");
    const data = source && JSON.parse(source.textContent);
    if (data) alive(figure, data);
  }

  function alive(figure, data) {
    const svg = figure.querySelector("svg");
    const [left, top, right, bottom] = data.frame;
    const hidden = new Set();
    let zoom = { scale: 1, shift: 0 };
    const shown = (x) => x * zoom.scale + zoom.shift;

    // Buttons for series.
    const controls = document.createElement("div");
    controls.className = "controls";
    if (data.series.length > 1) {
      data.series.forEach((series, index) => {
        const button = document.createElement("button");
        button.type = "button";
        button.setAttribute("aria-pressed", "true");
        const colour = document.createElement("i");
        colour.style.background = `var(--series-${index % 8})`;
        button.append(colour, series.name);
        button.addEventListener("click", () => {
          const off = !hidden.has(index);
          if (off) hidden.add(index); else hidden.delete(index);
          button.setAttribute("aria-pressed", String(!off));
          svg.querySelectorAll(`.series[data-series="${index}"]`).forEach((part) => part.classList.toggle("off", off));
          hide();
        });
        controls.append(button);
      });
    }
    const reset = document.createElement("button");
    reset.type = "button";
    reset.textContent = "Show all of the time";
    reset.className = "reset";
    reset.hidden = true;
    reset.addEventListener("click", () => show(left, right));
    if (data.clock) {
      // For keyboards and fingers; a mouse draws a stretch as well.
      const step = (text, label, range) => {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = text;
        button.className = "step";
        button.title = label;
        button.setAttribute("aria-label", label);
        button.addEventListener("click", () => {
          const [begin, end] = view();
          const [wanted, width] = range(begin, end - begin);
          const span = Math.min(Math.max(width, (right - left) / 1000), right - left);
          const first = Math.min(Math.max(wanted, left), right - span);
          hide();
          show(first, first + span);
        });
        controls.append(button);
      };
      step("+", "Look closer", (begin, width) => [begin + width / 4, width / 2]);
      step("−", "Look wider", (begin, width) => [begin - width / 2, width * 2]);
      step("◂", "Earlier", (begin, width) => [begin - width / 2, width]);
      step("▸", "Later", (begin, width) => [begin + width / 2, width]);
      const hint = document.createElement("span");
      hint.textContent = "Or drag across the chart to look closer.";
      controls.append(reset, hint);
    }
    if (controls.childElementCount) figure.append(controls);

    // Values at the pointer.
    const told = document.createElement("div");
    told.className = "told";
    told.hidden = true;
    figure.append(told);
    const pointer = element("g", { class: "pointer" }, svg);
    const hide = () => { pointer.replaceChildren(); told.hidden = true; };

    const place = (event) => {
      const box = svg.getBoundingClientRect();
      const scale = svg.viewBox.baseVal.width / box.width;
      return { x: (event.clientX - box.left) * scale, y: (event.clientY - box.top) * scale };
    };

    const tell = (at, event) => {
      hide();
      if (at.x < left - 4 || at.x > right + 4 || at.y < top - 4 || at.y > bottom + 4) return;
      let nearest = 0;
      data.x.forEach((x, index) => {
        if (Math.abs(shown(x) - at.x) < Math.abs(shown(data.x[nearest]) - at.x)) nearest = index;
      });
      const x = shown(data.x[nearest]);
      element("line", { x1: x, x2: x, y1: top, y2: bottom, stroke: "var(--axis)", "stroke-width": 1 }, pointer);
      const heading = document.createElement("b");
      heading.textContent = data.at[nearest];
      told.replaceChildren(heading);
      data.series.forEach((series, index) => {
        if (hidden.has(index) || series.y[nearest] === null) return;
        const colour = `var(--series-${index % 8})`;
        element("circle", { cx: x, cy: series.y[nearest], r: 4, fill: colour, stroke: "var(--ground)" }, pointer);
        const row = document.createElement("span");
        const swatch = document.createElement("i");
        swatch.style.background = colour;
        const value = document.createElement("em");
        value.textContent = series.text[nearest];
        row.append(swatch, series.name, value);
        told.append(row);
      });
      told.hidden = false;
      const box = figure.getBoundingClientRect();
      const beside = event.clientX - box.left;
      told.style.top = `${event.clientY - box.top + 14}px`;
      told.style.left = `${Math.max(4, beside + told.offsetWidth + 20 > box.width ? beside - told.offsetWidth - 14 : beside + 14)}px`;
    };

    // A stretch of time, drawn with the mouse.
    let from = null;
    const stretch = element("rect", { class: "window", y: top, height: bottom - top, width: 0, x: left }, svg);
    svg.addEventListener("pointerdown", (event) => {
      const at = place(event);
      if (!data.clock || event.pointerType === "touch" || event.button !== 0) return;
      if (at.x < left || at.x > right || at.y < top || at.y > bottom) return;
      from = at.x;
      svg.setPointerCapture(event.pointerId);
      event.preventDefault();
    });
    svg.addEventListener("pointermove", (event) => {
      const at = place(event);
      tell(at, event);
      if (from === null) return;
      const to = Math.min(Math.max(at.x, left), right);
      stretch.setAttribute("x", Math.min(from, to));
      stretch.setAttribute("width", Math.abs(to - from));
    });
    svg.addEventListener("pointerup", (event) => {
      if (from === null) return;
      const to = Math.min(Math.max(place(event).x, left), right);
      const back = (x) => (x - zoom.shift) / zoom.scale;
      const [begin, end] = [back(Math.min(from, to)), back(Math.max(from, to))];
      from = null;
      stretch.setAttribute("width", 0);
      hide();
      // A click is no stretch, and a thousandth of the chart is near enough.
      if ((end - begin) * zoom.scale > 8 && end - begin > (right - left) / 1000) show(begin, end);
    });
    svg.addEventListener("pointerleave", hide);
    svg.addEventListener("dblclick", () => data.clock && show(left, right));

    // The places of the whole chart between which it shows what it shows.
    function view() {
      return [(left - zoom.shift) / zoom.scale, (right - zoom.shift) / zoom.scale];
    }

    // Shows what lies between two places of the whole chart.
    function show(begin, end) {
      const whole = end - begin >= right - left - 0.5;
      zoom = whole ? { scale: 1, shift: 0 } : { scale: (right - left) / (end - begin), shift: 0 };
      if (!whole) zoom.shift = left - begin * zoom.scale;
      svg.classList.toggle("zoomed", !whole);
      reset.hidden = whole;
      svg.querySelectorAll(".plot").forEach((plot) => plot.setAttribute("transform", `matrix(${zoom.scale} 0 0 1 ${zoom.shift} 0)`));
      svg.querySelectorAll(".flag").forEach((flag) => {
        const x = Number(flag.dataset.x);
        flag.setAttribute("transform", `translate(${shown(x) - x} 0)`);
        flag.classList.toggle("off", shown(x) < left - 1 || shown(x) > right + 1);
      });
      const ticks = svg.querySelector(".ticks");
      svg.querySelectorAll(".closer").forEach((old) => old.remove());
      ticks.classList.toggle("off", !whole);
      if (!whole) drawTicks(ticks, begin, end);
    }

    function drawTicks(ticks, begin, end) {
      const [dayStart, span] = data.clock;
      const seconds = (x) => ((x - left) / (right - left)) * span;
      const [first, last] = [dayStart + seconds(begin), dayStart + seconds(end)];
      const step = clockSteps.find((one) => (last - first) / one <= 7) || 864000;
      const group = element("g", { class: "closer" });
      ticks.after(group);
      for (let n = Math.ceil(first / step); n * step <= last; n += 1) {
        const x = left + ((n * step - first) / (last - first)) * (right - left);
        element("line", { x1: x, x2: x, y1: top, y2: bottom, stroke: "var(--grid)", "stroke-width": 0.8 }, group);
        const text = element("text", { x, y: bottom + 18, "font-size": 12, "text-anchor": "middle", fill: "var(--soft)" }, group);
        text.textContent = clockText(n * step, step);
      }
    }
  }
})();
