// Asks what is explored, and puts the page for it in place.

import { refuse } from "./dom.js";
import { getJson } from "./api.js";
import { Plane } from "./plane.js";
import { Posterior } from "./posterior.js";

async function begin() {
  try {
    const session = await getJson("/api/session");
    document.title = `${session.title} – pontecorvo explorer`;
    document.getElementById("title").textContent = session.title;
    document.getElementById("about").textContent = session.about;
    const view = session.kind === "plane" ? new Plane(session) : new Posterior(session);
    document.getElementById("main").replaceChildren(view.node);
    view.begin();
    // colours follow the system's scheme
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => view.draw());
  } catch (error) {
    refuse(error.message);
  }
}

begin();
