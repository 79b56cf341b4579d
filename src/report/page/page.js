// Starts the page: draws each part, then says that it is ready.

function showFailure(message) {
  const notice = document.getElementById("notice");
  notice.hidden = false;
  notice.textContent = `A part of this report could not be drawn: ${message}`;
}

function drawReport() {
  const report = JSON.parse(document.getElementById("report-data").textContent);
  const selection = makeSelection();
  drawTop(report);
  drawWinner(report);
  drawRanking(report, selection);
  drawCurves(report, selection);
  drawHeatmap(report);
  drawClasses(report);
  drawProvenance(report);
}

window.addEventListener("error", (event) => showFailure(event.message));
document.getElementById("notice").hidden = true;
drawReport();
document.documentElement.dataset.ready = "true";
