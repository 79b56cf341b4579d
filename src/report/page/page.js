// Draws each part of the report.

start((report) => {
  const selection = makeSelection();
  drawTop(report);
  drawWinner(report);
  drawRanking(report, selection);
  drawCurves(report, selection);
  drawHeatmap(report);
  drawClasses(report);
  drawProvenance(report);
});
