// Returns how many texts a page has, and those whose contrast to what lies below is below 4.5.
(() => {
  const light = (c) => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
  const luminance = (text) => {
    const [r, g, b] = text.match(/[\d.]+/g).map(Number);
    return 0.2126 * light(r) + 0.7152 * light(g) + 0.0722 * light(b);
  };
  const ratio = (a, b) => {
    const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p);
    return (x + 0.05) / (y + 0.05);
  };
  const clear = (c) => c === "rgba(0, 0, 0, 0)" || c === "transparent" || c === "none";
  const ground = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const c = getComputedStyle(e).backgroundColor;
      if (!clear(c)) return c;
    }
    return "rgb(255, 255, 255)";
  };
  const over = (shape, text) => {
    const [a, b] = [shape.getBoundingClientRect(), text.getBoundingClientRect()];
    const [x, y] = [(b.left + b.right) / 2, (b.top + b.bottom) / 2];
    return a.left <= x && x <= a.right && a.top <= y && y <= a.bottom;
  };
  const faults = [];
  let count = 0;
  const judge = (text, ink, paper) => {
    count += 1;
    if (ratio(ink, paper) < 4.5) faults.push([text.slice(0, 30), ink, paper]);
  };
  const texts = "h1,h2,p,dt,dd,td,th,label,button,output,caption";
  for (const e of document.querySelectorAll(texts)) {
    if (!e.textContent.trim() || !e.getClientRects().length || e.disabled) continue;
    judge(e.textContent, getComputedStyle(e).color, ground(e));
  }
  for (const text of document.querySelectorAll("svg g > text")) {
    const below = [...text.parentElement.querySelectorAll(".body, .level, rect")]
      .filter((shape) => over(shape, text))
      .map((shape) => getComputedStyle(shape).fill)
      .filter((c) => !clear(c));
    judge(text.textContent, getComputedStyle(text).fill,
      below.at(-1) || ground(document.getElementById("scroll")));
  }
  return [count, faults];
})()
