// Measure the page as it stands: a list of complaints, empty when all is well.
() => {
  const elder = document.documentElement.dataset.mode === "elder";
  const MIN_FONT_PX = elder ? 24.3 : 18, MIN_CONTRAST = elder ? 7 : 4.5;
  const MIN_TARGET_PX = 60, LARGE_CONTRAST = 3;
  const complaints = [];

  const parse = (text) => {
    const [r, g, b, a = 1] = text.match(/[\d.]+/g).map(Number);
    return { r, g, b, a };
  };
  const over = (top, under) => ({
    r: top.r * top.a + under.r * (1 - top.a),
    g: top.g * top.a + under.g * (1 - top.a),
    b: top.b * top.a + under.b * (1 - top.a),
    a: 1,
  });
  const luminance = ({ r, g, b }) => {
    const linear = [r, g, b].map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const contrast = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  // Every colour that may lie behind an element: a gradient counts with each of its stops.
  const grounds = (element) => {
    const line = [];
    for (let at = element; at; at = at.parentElement) line.unshift(at);
    let found = [{ r: 255, g: 255, b: 255, a: 1 }];
    for (const at of line) {
      const style = getComputedStyle(at);
      const plain = parse(style.backgroundColor);
      found = found.map((under) => over(plain, under));
      const layers = style.backgroundImage.split(/(?=(?:linear|radial)-gradient)/).reverse();
      for (const layer of layers) {
        const stops = layer.match(/rgba?\([^)]*\)/g);
        if (stops) found = found.flatMap((under) => stops.map((stop) => over(parse(stop), under)));
      }
    }
    return found;
  };
  const name = (element) =>
    `${element.tagName.toLowerCase()}#${element.id}.${element.className?.baseVal ?? element.className}` +
    ` "${element.textContent.trim().slice(0, 20)}"`;
  const visible = (element) => {
    const box = element.getBoundingClientRect();
    return element.checkVisibility({ visibilityProperty: true }) && box.width > 1 && box.height > 1;
  };
  const ownText = (element) =>
    [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());

  const checkText = (element, style) => {
    const size = parseFloat(style.fontSize);
    if (size < MIN_FONT_PX) complaints.push(`font ${size}px: ${name(element)}`);
    const ink = parse(style.color);
    const worst = Math.min(...grounds(element).map((under) => contrast(over(ink, under), under)));
    if (worst < MIN_CONTRAST) complaints.push(`contrast ${worst.toFixed(2)}: ${name(element)}`);
  };
  let texts = 0;
  for (const element of document.body.querySelectorAll("*")) {
    if (!visible(element)) continue;
    if (ownText(element)) {
      texts += 1;
      checkText(element, getComputedStyle(element));
    }
    if (element.matches("input")) checkText(element, getComputedStyle(element, "::placeholder"));
    if (element.matches("svg.icon, svg.glyph")) {
      const ink = parse(getComputedStyle(element).color);
      const worst = Math.min(...grounds(element).map((under) => contrast(ink, under)));
      if (worst < LARGE_CONTRAST) complaints.push(`drawing ${worst.toFixed(2)}: ${name(element)}`);
    }
  }
  let targets = 0;
  for (const control of document.querySelectorAll("button, input, a, [role=button]")) {
    if (!visible(control)) continue;
    targets += 1;
    const target = control.matches("input") ? control.closest("label") : control;
    const box = target.getBoundingClientRect();
    if (box.width < MIN_TARGET_PX || box.height < MIN_TARGET_PX) {
      complaints.push(`target ${box.width}x${box.height}: ${name(control)}`);
    }
    if (control.scrollWidth > control.clientWidth + 1) complaints.push(`cut off: ${name(control)}`);
  }
  const root = document.documentElement;
  if (root.scrollWidth > innerWidth) complaints.push(`page ${root.scrollWidth}px wide`);
  if (root.scrollHeight > innerHeight) complaints.push(`page ${root.scrollHeight}px high`);
  for (const part of [".talk", ".content", ".bar", ".top", ".scroll"]) {
    const element = document.querySelector(part);
    if (element.scrollWidth > element.clientWidth + 1) complaints.push(`${part} overflows sideways`);
  }
  const talk = document.querySelector(".talk").getBoundingClientRect();
  for (const element of document.querySelectorAll(".talk *")) {
    const box = element.getBoundingClientRect();
    if (!visible(element) || element.matches(".halo")) continue;
    if (box.bottom > talk.bottom + 1 || box.top < talk.top - 1) {
      complaints.push(`outside its panel: ${name(element)}`);
    }
  }
  const [greeting, status] = ["#greeting", ".status"].map((query) => document.querySelector(query));
  if (visible(greeting)) {
    const edge = greeting.getBoundingClientRect().bottom;
    for (const element of status.querySelectorAll("*")) {
      if (!visible(element) || element.matches(".halo")) continue;
      if (element.getBoundingClientRect().top < edge - 1) complaints.push(`on the greeting: ${name(element)}`);
    }
  }
  if (document.querySelector(".bar").getBoundingClientRect().bottom > innerHeight + 1) {
    complaints.push("the bar is below the screen");
  }
  return { complaints, texts, targets };
}
