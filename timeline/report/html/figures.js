// Draws each figure over its still image. Without scripts, and on paper, the still image stays.
const unpack = (spec) => {
  for (const [name, { columns, rows }] of Object.entries(spec.datasets)) {
    spec.datasets[name] = rows.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i]])));
  }
  return spec;
};

// The events of one lane in words, from the rows that the chart draws.
const list = (figure, spec, lane) => {
  const events = Object.values(spec.datasets).find((rows) => rows[0]?.event_);
  figure.querySelector(".listing").replaceChildren(...events.filter((row) => row.lane === lane).map((row) => {
    const item = document.createElement("li");
    item.textContent = `day ${row.day_}: ${row.event_}${row.told_ ? `, ${row.told_}` : ""}`;
    return item;
  }));
};

(async () => {
  for (const figure of document.querySelectorAll("figure[data-chart]")) {
    const spec = unpack(JSON.parse(document.getElementById(figure.dataset.chart).textContent));
    figure.classList.add("drawn");
    const choice = spec.params?.find((param) => param.bind);
    if (choice) choice.bind.element = `#${figure.dataset.chart}-control`;
    try {
      const { view } = await vegaEmbed(figure.querySelector(".live"), spec, {
        mode: "vega-lite", renderer: "svg", actions: false, ast: true, tooltip: { theme: "custom" },
      });
      if (choice) {
        list(figure, spec, choice.value);
        view.addSignalListener(choice.name, (_, lane) => list(figure, spec, lane));
      }
    } catch (error) {
      figure.classList.remove("drawn");
      console.error(error);
    }
  }
  document.documentElement.dataset.figures = "drawn";
})();
const closed = () => [...document.querySelectorAll("details:not([open])")];
let opened = [];
addEventListener("beforeprint", () => { opened = closed(); opened.forEach((item) => { item.open = true; }); });
addEventListener("afterprint", () => { opened.forEach((item) => { item.open = false; }); });
