// Draws each part of the report.

start((report) => {
  const selection = makeSelection();
  drawTop(report);
  drawWinner(report);
  drawFamilies(report);
  drawEnsemble(report);
  drawStacked(report);
  drawRanking(report, selection);
  drawCurves(report, selection);
  drawExplained(report, selection);
  drawClasses(report);
  drawClassCurves(report);
  drawReliability(report);
  drawImportance(report);
  drawProvenance(report);
});
