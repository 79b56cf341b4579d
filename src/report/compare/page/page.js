// Draws each part of the page.

start((found) => {
  drawHead(found);
  drawSides(found);
  drawFamilies(found);
  drawCurves(found);
  drawScores(found);
});
