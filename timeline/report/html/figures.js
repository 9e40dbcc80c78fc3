// Draws each figure over its still image. Without scripts, and on paper, the still image stays.
const unpack = (part) => {
  if (part.data?.rows) {
    const { columns, rows } = part.data;
    part.data = { values: rows.map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i]]))) };
  }
  (part.layer ?? []).forEach(unpack);
  return part;
};

(async () => {
  for (const figure of document.querySelectorAll("figure[data-chart]")) {
    const spec = unpack(JSON.parse(document.getElementById(figure.dataset.chart).textContent));
    figure.classList.add("drawn");
    try {
      await vegaEmbed(figure.querySelector(".live"), spec, {
        mode: "vega-lite", renderer: "svg", actions: false, ast: true, tooltip: { theme: "custom" },
      });
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
