"use strict";
(() => {
  // Everything the script shows also stands in the page; without it the slider and the button are simply not there.
  const store = document.getElementById("periods");
  if (store) {
    const periods = JSON.parse(store.textContent);
    const box = document.getElementById("explore");
    const slider = document.getElementById("period");
    const readout = document.getElementById("readout");
    const cursor = document.getElementById("index-cursor");
    const element = (name, text) => {
      const made = document.createElement(name);
      made.textContent = text;
      return made;
    };
    const show = (at) => {
      const period = periods[at];
      cursor.setAttribute("transform", `translate(${period.x} 0)`);
      cursor.setAttribute("visibility", "visible");
      slider.setAttribute("aria-valuetext", period.told);
      const list = element("ul", "");
      for (const mover of period.movers) list.append(element("li", mover));
      readout.replaceChildren(element("p", period.told), ...(period.movers.length ? [list] : []));
    };
    slider.addEventListener("input", () => show(Number(slider.value)));
    for (const target of document.querySelectorAll("#index-chart .target")) {
      target.addEventListener("click", () => {
        slider.value = target.dataset.at;
        show(Number(target.dataset.at));
      });
    }
    box.hidden = false;
    show(Number(slider.value));
  }
  const all = () => document.querySelectorAll("details.text");
  const button = document.getElementById("open-all");
  if (button) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const open = button.getAttribute("aria-pressed") !== "true";
      for (const details of all()) details.open = open;
      button.setAttribute("aria-pressed", String(open));
    });
  }
  window.addEventListener("beforeprint", () => {
    for (const details of all()) details.open = true;
  });
})();
