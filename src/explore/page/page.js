// Draws each part of the page.

start((found) => {
  drawHead(found);
  drawWarnings(found);
  drawCounts(found);
  drawColumns(found);
  drawRows(found);
  drawSeries(found);
  drawCorrelations(found);
  drawSpreads(found);
  drawOutliers(found);
});
