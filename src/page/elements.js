// Making elements. Text of the run enters the page here, always as text and never as markup.

const SVG_NAMESPACE = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) {
      node.setAttribute(name, String(value));
    }
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

function element(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

function shape(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG_NAMESPACE, tag), attributes, children);
}

// A labelled choice; `options` are [value, text] pairs.
function chooser(label, options, chosen, onChange) {
  const select = element("select");
  for (const [value, text] of options) {
    select.append(element("option", { value }, text));
  }
  select.value = String(chosen);
  select.addEventListener("change", () => onChange(select.value));
  return element("label", {}, label, select);
}

// A <dl> of [term, description] pairs; a pair without a description is left out.
function facts(className, pairs) {
  const list = element("dl", { class: className });
  for (const [term, description, pairClass] of pairs) {
    if (description === null || description === undefined || description === "") continue;
    const group = element("div", { class: pairClass });
    group.append(element("dt", {}, term), element("dd", {}, description));
    list.append(group);
  }
  return list;
}

function headerRow(names, firstIsText = true) {
  const cells = names.map((name, place) =>
    element("th", { scope: "col", class: place > 0 || !firstIsText ? "number" : null }, name));
  return element("thead", {}, element("tr", {}, ...cells));
}

// Colours a cell by `depth`, 0 to 1, with ink that stays legible on it.
function shade(cell, depth) {
  const ink = depth > 0.72 ? " deep" : depth > 0.5 ? " middle" : "";
  cell.setAttribute("class", `shaded${ink}`);
  cell.style.setProperty("--depth", depth.toFixed(3));
  return cell;
}

function section(id, title, ...children) {
  return fill(document.getElementById(id), {}, [element("h2", {}, title), ...children]);
}
