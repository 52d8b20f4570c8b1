"use strict";
// Bars drawn from the table that stands below them: one bar per row, one colour per column with data-series.
// Chart.js measures its labels once: the font must be there first.
const faces = ["400", "600"].map((weight) => document.fonts.load(`${weight} 12px "Be Vietnam Pro"`, "aệđ"));
// "Tổng công ty Bưu điện Việt Nam · Phí, lệ phí" -> lines of few words, none longer than a phone's half.
function lines(name) {
  return name.split(" · ").flatMap((part) => part.match(/.{1,22}(?=\s|$)|\S+/g).map((line) => line.trim()));
}
Promise.allSettled(faces).then(() => {
  const colours = ["#0b4f8a", "#4b8fc4", "#c98a00", "#c2571a", "#9b1c1c"];
  document.querySelectorAll("canvas[data-bars]").forEach((canvas) => {
    const table = document.getElementById(canvas.dataset.bars);
    if (!table || typeof Chart === "undefined") return;
    const rows = [...table.querySelectorAll("tbody tr")];
    const series = [...table.querySelectorAll("thead [data-series]")].map((head) => head.dataset.series);
    const told = (value) => `${value.toLocaleString("de-DE")}\u00a0${canvas.dataset.unit}`;
    const plain = "plain" in canvas.dataset;
    const narrow = canvas.parentElement.clientWidth < 480;  // a canvas that was not drawn yet is 300 wide
    const datasets = series.map((label, index) => ({
      label,
      data: rows.map((row) => Number(row.querySelectorAll("[data-value]")[index].dataset.value)),
      backgroundColor: colours[index % colours.length],
      maxBarThickness: 34,
    }));
    if (canvas.dataset.line) {
      datasets.push({
        type: "line", label: canvas.dataset.lineLabel, data: rows.map(() => Number(canvas.dataset.line)),
        borderColor: "#9b1c1c", backgroundColor: "#9b1c1c", borderDash: [6, 4], pointRadius: rows.length > 1 ? 0 : 4,
      });
    }
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    Chart.defaults.color = "#1b2733";
    const short = (value) => new Intl.NumberFormat(document.documentElement.lang, { notation: "compact" }).format(value);
    // On a phone half of the width is the names': they go on in further lines, and every bar needs room for them.
    const names = rows.map((row) => (narrow && !plain ? lines(row.dataset.label) : row.dataset.label));
    const room = Math.max(2, ...names.map((name) => (Array.isArray(name) ? name.length : 1)));
    if (narrow && !plain) canvas.parentElement.style.height = `${Math.max(17, 8 + (1 + room) * rows.length)}rem`;
    const amounts = { stacked: !plain, beginAtZero: true, ticks: { callback: narrow && !plain ? short : told, maxTicksLimit: narrow ? 3 : 7, maxRotation: 0 } };
    const named = { stacked: !plain, grid: { display: false }, ticks: { autoSkip: false } };
    new Chart(canvas, {
      type: "bar",
      data: { labels: names, datasets },
      options: {
        indexAxis: plain ? "x" : "y",
        animation: false,
        maintainAspectRatio: false,
        plugins: {
          legend: { position: "bottom" },
          tooltip: { callbacks: { label: (item) => `${item.dataset.label}: ${told(item.raw)}` } },
        },
        scales: plain ? { x: named, y: amounts } : { x: amounts, y: named },
      },
    });
  });
});
