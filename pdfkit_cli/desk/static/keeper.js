// Follows a build: reloads its part of the page every second, and the complete page once it has ended.
// Where the page shows an earlier survey, it is loaded again once there is a later one, unless somebody is at work in it.
const PAUSE = 1000;
const SURVEY_PAUSE = 2000;

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
        location.assign(location.pathname);
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

const surveyed = () => document.querySelector("[data-renewing]");

async function awaitSurvey() {
  try {
    const answer = await fetch("/keeper/survey", { headers: { accept: "application/json" } });
    const found = answer.ok ? await answer.json() : {};
    if (found.current || (found.taken && found.taken !== surveyed().dataset.survey)) {
      if (document.activeElement === document.body) location.reload();
      else surveyed().querySelector("a").hidden = false;
      return;
    }
  } catch {
    // The desk does not answer at the moment: ask again.
  }
  setTimeout(awaitSurvey, SURVEY_PAUSE);
}

if (surveyed()) {
  surveyed().querySelector("a").hidden = true;
  setTimeout(awaitSurvey, SURVEY_PAUSE);
}

// The button says the version that it approves, also one that was typed before this was loaded, or that the browser remembers.
const version = document.querySelector("[data-version]");

function nameVersion() {
  const button = document.querySelector("[data-approve]");
  button.textContent = button.dataset.approve.replace("{version}", version.value.trim());
}

version?.addEventListener("input", nameVersion);
if (version) addEventListener("pageshow", nameVersion);
