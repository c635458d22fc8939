// Follows a build: reloads its part of the page every second, and the complete page once it has ended.
const PAUSE = 1000;

const shown = () => document.getElementById("progress");

async function follow() {
  try {
    const answer = await fetch("/keeper/progress", { headers: { accept: "text/html" } });
    if (answer.ok) {
      const drawn = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("progress");
      const open = [...shown().querySelectorAll("details")].map((details) => details.open);
      drawn.querySelectorAll("details").forEach((details, at) => { details.open = open[at] ?? details.open; });
      shown().replaceWith(drawn);
      if (!("running" in drawn.dataset)) {
        location.assign("/keeper");
        return;
      }
    }
  } catch {
    // The desk does not answer at the moment: ask again.
  }
  setTimeout(follow, PAUSE);
}

if (shown() && "running" in shown().dataset) {
  document.getElementById("status").textContent = shown().querySelector("h2").textContent;
  setTimeout(() => { document.getElementById("status").textContent = ""; }, 4000);
  setTimeout(follow, PAUSE);
}
