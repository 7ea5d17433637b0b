// Rules that every page of the console has to keep, in the manner of axe: returns a list of what
// breaks one, each as { rule, where, says }. The numbers in brackets are WCAG 2.2's criteria.
const found = [];
const describe = (element) => {
  const id = element.id ? "#" + element.id : "";
  const name = element.getAttribute?.("name");
  const text = (element.textContent || "").trim().replace(/\s+/g, " ").slice(0, 40);
  return `<${element.localName}${id}${name ? ` name=${name}` : ""}>${text ? ` “${text}”` : ""}`;
};
const report = (rule, element, says) => found.push({ rule, where: describe(element), says });
const all = (selector) => [...document.querySelectorAll(selector)];
const isShown = (element) =>
  element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true }) &&
  element.getClientRects().length > 0;

// Colours that are on their way, after a change of scheme, are nobody's last word.
const settle = () => {
  getComputedStyle(document.body).color;
  document.getAnimations().forEach((animation) => animation.finish());
};
settle();

// --- The document.
const root = document.documentElement;
if (!/^[a-z]{2}/.test(root.lang)) report("lang", root, "has no language (3.1.1)");
if (!document.title.trim()) report("title", root, "has no title (2.4.2)");
const viewport = document.querySelector("meta[name=viewport]");
if (!viewport) report("viewport", root, "has no meta viewport, so phones shrink the page");
else if (/user-scalable\s*=\s*(no|0)|maximum-scale/.test(viewport.content))
  report("viewport", viewport, "forbids to enlarge the page (1.4.4)");
const mains = all("main").filter(isShown);
if (mains.length !== 1) report("main", root, `has ${mains.length} main landmarks, not one`);
for (const element of all("[tabindex]"))
  if (element.tabIndex > 0) report("tabindex", element, "changes the order of the keyboard (2.4.3)");

// --- Headings: one h1, and no level left out (1.3.1).
const headings = all("h1, h2, h3, h4, h5, h6").filter(isShown);
const firsts = headings.filter((heading) => heading.localName === "h1");
if (firsts.length !== 1) report("h1", root, `has ${firsts.length} h1 headings, not one`);
let level = 0;
for (const heading of headings) {
  const own = Number(heading.localName[1]);
  if (own > level + 1) report("heading-order", heading, `comes after a heading of level ${level}`);
  if (!heading.textContent.trim()) report("heading-empty", heading, "says nothing");
  level = own;
}

// --- References between elements.
const seen = new Set();
for (const element of all("[id]")) {
  if (seen.has(element.id)) report("id", element, "has an id that another element has");
  seen.add(element.id);
}
for (const attribute of ["for", "aria-labelledby", "aria-describedby", "aria-controls", "list"])
  for (const element of all(`[${attribute}]`))
    for (const id of element.getAttribute(attribute).split(/\s+/).filter(Boolean))
      if (!document.getElementById(id)) report("reference", element, `${attribute} names no element: ${id}`);

// --- Names (1.1.1, 2.4.4, 4.1.2). A placeholder is no name: it goes when one types.
const spoken = (element) =>
  [...element.childNodes]
    .map((node) => {
      if (node.nodeType === Node.TEXT_NODE) return node.data;
      if (node.nodeType !== Node.ELEMENT_NODE || node.getAttribute("aria-hidden") === "true") return "";
      if (node.localName === "img") return node.alt;
      return node.getAttribute("aria-label") ?? spoken(node);
    })
    .join(" ")
    .trim();
const nameOf = (element) => {
  const others = (element.getAttribute("aria-labelledby") ?? "").split(/\s+/).filter(Boolean);
  const byOthers = others.map((id) => document.getElementById(id)?.textContent ?? "").join(" ");
  return (byOthers.trim() || element.getAttribute("aria-label")?.trim()) ?? "";
};
const controls = all("input:not([type=hidden]), select, textarea").filter(isShown);
for (const control of controls) {
  const isButton = ["submit", "button", "reset", "image"].includes(control.type);
  const labels = [...(control.labels ?? [])].map(spoken).join(" ").trim();
  const name = nameOf(control) || (isButton ? control.value || control.alt || "" : labels);
  if (!name.trim()) report("label", control, "has no label");
  if (control.type === "password" && !control.autocomplete)
    report("autocomplete", control, "does not say which password it wants (1.3.5)");
  if (control.type === "email" && !control.autocomplete)
    report("autocomplete", control, "does not say whose address it wants (1.3.5)");
}
for (const button of all("button, [role=button], summary").filter(isShown))
  if (!(nameOf(button) || spoken(button))) report("button-name", button, "has no name");
for (const link of all("a[href]").filter(isShown))
  if (!(nameOf(link) || spoken(link))) report("link-name", link, "has no name");
for (const image of all("img"))
  if (!image.hasAttribute("alt")) report("image-alt", image, "has no alt text");
for (const drawing of all("svg"))
  if (drawing.getAttribute("aria-hidden") !== "true" && !nameOf(drawing) && !drawing.querySelector("title"))
    report("image-alt", drawing, "has no name and is not hidden from screen readers");
for (const dialog of all("dialog[open], [role=dialog]").filter(isShown))
  if (!nameOf(dialog)) report("dialog-name", dialog, "has no name");
for (const table of all("table").filter(isShown))
  if (!table.querySelector("th")) report("table-headers", table, "has no header cells (1.3.1)");
for (const list of all("ul, ol"))
  for (const child of list.children)
    if (!["li", "script", "template"].includes(child.localName))
      report("list", child, "is in a list and no item of it (1.3.1)");
const fields = controls.filter((control) => control.type === "radio" || control.type === "checkbox");
const groups = Map.groupBy(fields.filter((field) => field.type === "radio"), (field) => field.name);
for (const [, members] of groups)
  if (!members[0].closest("fieldset, [role=radiogroup]"))
    report("radio-group", members[0], "is one of several without a group (1.3.1)");

// --- Colours. All are blended over what is behind them, in sRGB.
const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
const parsed = new Map();
const colour = (text) => {
  if (!parsed.has(text)) {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = text;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
    parsed.set(text, [red, green, blue, alpha / 255]);
  }
  return parsed.get(text);
};
const over = (front, back) => {
  const alpha = front[3];
  return [0, 1, 2].map((i) => front[i] * alpha + back[i] * (1 - alpha)).concat(1);
};
const opacity = (element) => {
  let result = 1;
  for (let at = element; at; at = at.parentElement) result *= Number(getComputedStyle(at).opacity);
  return result;
};
/** What is behind the content of an element, or null where a picture is. */
const background = (element) => {
  const layers = [];
  for (let at = element; at; at = at.parentElement) {
    const style = getComputedStyle(at);
    if (style.backgroundImage !== "none" && at !== root && at !== document.body) return null;
    const layer = colour(style.backgroundColor);
    if (layer[3] > 0) layers.push(layer);
    if (layer[3] === 1) break;
  }
  const canvasColour = colour(matchMedia("(prefers-color-scheme: dark)").matches &&
    getComputedStyle(root).colorScheme.includes("dark") ? "#121212" : "white");
  return layers.reverse().reduce((back, front) => over(front, back), canvasColour);
};
const luminance = (rgb) => {
  const [red, green, blue] = rgb.map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
const ratio = (one, two) => {
  const [light, dark] = [luminance(one), luminance(two)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
};
const isDisabled = (element) => element.closest(":disabled, [aria-disabled=true]") !== null;

// --- Contrast of text (1.4.3): 4.5, or 3 from 24 px, or 18.66 px in bold.
const checkText = (element, style, what) => {
  const behind = background(element);
  if (!behind) return report("contrast", element, `${what}: lies on a picture, which nobody can judge`);
  const front = colour(style.color);
  const seen = over([...front.slice(0, 3), front[3] * opacity(element)], behind);
  const size = parseFloat(style.fontSize);
  const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
  const has = ratio(seen, behind);
  if (has < (isLarge ? 3 : 4.5))
    report("contrast", element, `${what}: ${has.toFixed(2)} (${style.color} on ${behind.slice(0, 3).map(Math.round)}), and ${isLarge ? 3 : 4.5} is wanted`);
};
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const judged = new Set();
while (walker.nextNode()) {
  const element = walker.currentNode.parentElement;
  if (!walker.currentNode.data.trim() || judged.has(element)) continue;
  judged.add(element);
  if (["script", "style", "noscript", "option", "template", "title"].includes(element.localName)) continue;
  if (!isShown(element) || isDisabled(element) || element.closest("svg")) continue;
  const box = element.getBoundingClientRect();
  if (box.width <= 1 || box.height <= 1) continue; // For screen readers alone.
  checkText(element, getComputedStyle(element), "text");
}
for (const control of controls) {
  if (isDisabled(control) || ["checkbox", "radio", "file", "range", "color"].includes(control.type)) continue;
  checkText(control, getComputedStyle(control), "what is typed");
  if (control.placeholder) checkText(control, getComputedStyle(control, "::placeholder"), "placeholder");
  // The edge of a field (1.4.11): 3 to what is around it, unless its face has that.
  if (["submit", "button", "reset", "image"].includes(control.type)) continue;
  const style = getComputedStyle(control);
  const around = background(control.parentElement);
  if (!around) continue;
  const face = background(control) ?? around;
  const edges = ["Top", "Bottom"].map((side) =>
    parseFloat(style[`border${side}Width`]) > 0 && style[`border${side}Style`] !== "none"
      ? ratio(over(colour(style[`border${side}Color`]), around), around) : 1);
  const has = Math.max(ratio(face, around), ...edges);
  if (has < 3) report("field-edge", control, `${has.toFixed(2)} to what is around it, and 3 is wanted`);
}

// --- Focus (2.4.7), as the keyboard gives it: something has to change, and not the colour of text alone.
const focusable = all("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]")
  .filter((element) => isShown(element) && !isDisabled(element) && element.tabIndex >= 0);
const look = (element) => {
  const style = getComputedStyle(element);
  const outline = style.outlineStyle === "none" || parseFloat(style.outlineWidth) === 0
    ? "none" : `${style.outlineStyle} ${style.outlineWidth} ${style.outlineColor}`;
  return { outline, rest: [style.boxShadow, style.borderColor, style.borderWidth, style.backgroundColor].join() };
};
const before = document.activeElement;
const place = [scrollX, scrollY];
for (const element of focusable) {
  if (element.matches("input[type=radio]:not(:checked)")) continue;
  element.blur();
  settle();
  const plain = look(element);
  element.focus({ focusVisible: true, preventScroll: true });
  settle();
  if (document.activeElement !== element) continue;
  const lit = look(element);
  if (lit.outline === plain.outline && lit.rest === plain.rest)
    report("focus", element, "looks the same with the focus");
  else if (lit.outline !== "none" && lit.outline !== plain.outline) {
    const around = background(element.parentElement ?? element);
    const ring = colour(getComputedStyle(element).outlineColor);
    if (around && ratio(over(ring, around), around) < 3)
      report("focus", element, `its outline has ${ratio(over(ring, around), around).toFixed(2)} to what is around, and 3 is wanted (1.4.11)`);
  }
}
document.activeElement?.blur();
before?.focus?.({ preventScroll: true });
scrollTo(...place);

// --- Size: nothing to the right of the window (1.4.10), and targets of 24 px (2.5.8).
if (root.scrollWidth > root.clientWidth) {
  report("scrolling", root, `is ${root.scrollWidth} px wide in a window of ${root.clientWidth}`);
  for (const element of all("body *"))
    if (isShown(element) && element.getBoundingClientRect().right > root.clientWidth + 1)
      report("scrolling", element, `reaches to ${Math.round(element.getBoundingClientRect().right)} px`);
}
for (const element of focusable) {
  if (element.localName === "a" && getComputedStyle(element).display === "inline") continue;
  if (["radio", "checkbox"].includes(element.type) && element.labels?.length) continue;
  const box = element.getBoundingClientRect();
  if (box.width < 24 || box.height < 24)
    report("target-size", element, `is ${Math.round(box.width)} by ${Math.round(box.height)} px, and 24 by 24 is wanted`);
}
return found;
