"use strict";
// Shows one frame at a time: a slider, a button, and the arrow keys that the slider has anyway.
const frames = JSON.parse(document.getElementById("frames").textContent);
const picture = document.getElementById("picture");
const caption = document.getElementById("caption");
const slider = document.getElementById("slider");
const play = document.getElementById("play");
let timer = null;

function show(k) {
  picture.src = frames.pictures[k];
  picture.alt = frames.captions[k];
  caption.textContent = frames.captions[k];
  slider.value = k;
}

function stop() {
  clearInterval(timer);
  timer = null;
  play.textContent = "Play";
  play.setAttribute("aria-pressed", "false");
}

function start() {
  if (Number(slider.value) === frames.pictures.length - 1) show(0);
  timer = setInterval(() => {
    const next = Number(slider.value) + 1;
    if (next < frames.pictures.length) show(next);
    if (next >= frames.pictures.length - 1) stop();
  }, 1000 / frames.rate);
  play.textContent = "Pause";
  play.setAttribute("aria-pressed", "true");
}

play.addEventListener("click", () => (timer === null ? start() : stop()));
slider.addEventListener("input", () => { stop(); show(Number(slider.value)); });
show(0);
if (!matchMedia("(prefers-reduced-motion: reduce)").matches) start();
