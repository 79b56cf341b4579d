// Starts a page: draws it from its data, then says that it is ready.

function showFailure(message) {
  const notice = document.getElementById("notice");
  notice.hidden = false;
  notice.textContent = `A part of this page could not be drawn: ${message}`;
}

function start(draw) {
  window.addEventListener("error", (event) => showFailure(event.message));
  document.getElementById("notice").hidden = true;
  draw(JSON.parse(document.getElementById("page-data").textContent));
  document.documentElement.dataset.ready = "true";
}
