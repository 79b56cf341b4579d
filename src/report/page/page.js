// Draws each part of the report.

start((report) => {
  const selection = makeSelection();
  drawTop(report);
  drawWinner(report);
  drawEnsemble(report);
  drawRanking(report, selection);
  drawCurves(report, selection);
  drawAnova(report);
  drawHeatmap(report);
  drawSlices(report, selection);
  drawParallel(report, selection);
  drawClasses(report);
  drawClassCurves(report);
  drawReliability(report);
  drawImportance(report);
  drawProvenance(report);
});
