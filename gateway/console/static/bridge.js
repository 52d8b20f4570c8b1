"use strict";
// The bridge from our total to theirs, drawn from the table that stands below it.
// Chart.js measures its labels once: the font must be there first.
const faces = ["400", "600"].map((weight) => document.fonts.load(`${weight} 12px "Be Vietnam Pro"`, "aệđ"));
Promise.allSettled(faces).then(() => {
  const canvas = document.querySelector("canvas[data-bridge]");
  const table = canvas && document.getElementById(canvas.dataset.bridge);
  if (!table || typeof Chart === "undefined") return;
  const rows = [...table.querySelectorAll("tbody tr")].map((row) => ({ ...row.dataset, from: Number(row.dataset.from), to: Number(row.dataset.to) }));
  const colours = { total: "#0b4f8a", more: "#17633a", less: "#9b1c1c", same: "#8796a5" };
  const dong = (value) => `${value.toLocaleString("de-DE")}\u00a0đ`;
  const short = (value) => new Intl.NumberFormat(document.documentElement.lang, { notation: "compact" }).format(value);
  // A bridge is about its steps: where they are small beside the totals, the axis begins just below them.
  const ends = rows.flatMap((row) => (row.kind === "total" ? [row.to] : [row.from, row.to]));
  const low = Math.min(...ends), high = Math.max(...ends);
  const margin = Math.max((high - low) * 0.25, 1);
  const unit = 10 ** Math.floor(Math.log10(margin));
  const floor = low > 0 && high - low < high * 0.6 ? Math.max(0, Math.floor((low - margin) / unit) * unit) : Math.min(0, low);
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  Chart.defaults.color = "#1b2733";
  const narrow = canvas.parentElement.clientWidth < 480;
  // Each bar says its amount, so that nobody has to guess from the axis.
  const amounts = {
    id: "amounts",
    afterDatasetsDraw(chart) {
      if (narrow) return;
      const pen = chart.ctx;
      pen.save();
      pen.fillStyle = "#1b2733";
      pen.textBaseline = "middle";
      pen.font = `600 12px ${Chart.defaults.font.family}`;
      chart.getDatasetMeta(0).data.forEach((bar, index) => {
        pen.fillText(rows[index].told, Math.max(bar.x, bar.base) + 6, bar.y);
      });
      pen.restore();
    },
  };
  new Chart(canvas, {
    type: "bar",
    plugins: [amounts],
    data: {
      labels: rows.map((row) => row.label),
      datasets: [{
        data: rows.map((row) => (row.kind === "total" ? [floor, row.to] : [row.from, row.to])),
        backgroundColor: rows.map((row) => colours[row.kind]),
        minBarLength: 3,
        barPercentage: 0.8,
        categoryPercentage: 0.9,
      }],
    },
    options: {
      indexAxis: "y",
      layout: { padding: { right: narrow ? 4 : 90 } },
      animation: false,
      maintainAspectRatio: false,
      plugins: {
        legend: { display: false },
        tooltip: { callbacks: { label: (item) => rows[item.dataIndex].told } },
      },
      scales: {
        x: { min: floor, title: { display: floor > 0, text: canvas.dataset.cut || "" }, ticks: { callback: narrow ? short : dong, includeBounds: false, maxTicksLimit: narrow ? 3 : 6, maxRotation: 0 } },
        y: { grid: { display: false }, ticks: { autoSkip: false } },
      },
    },
  });
});
