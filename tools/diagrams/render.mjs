// Renders the diagrams of a folder with Mermaid and Graphviz, and writes beside each one what the picture shows:
//
//   node render.mjs FOLDER
//
// Node.js has no layout engine, so getBBox returns a fixed size. The texts, classes and arrows are those of the real tools.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Graphviz } from "@hpcc-js/wasm-graphviz";
import { JSDOM } from "jsdom";

const { window } = new JSDOM("<body></body>", { pretendToBeVisual: true });
for (const name of ["window", "document", "Element", "HTMLElement", "SVGElement", "Node", "DOMParser", "XMLSerializer", "CSSStyleSheet"]) {
  globalThis[name] = name === "window" ? window : window[name];
}
const size = () => ({ x: 0, y: 0, width: 100, height: 20 });
window.SVGElement.prototype.getBBox = size;
window.SVGElement.prototype.getComputedTextLength = () => 100;
window.Element.prototype.getBoundingClientRect = size;

const { default: mermaid } = await import("mermaid");
mermaid.initialize({ startOnLoad: false, securityLevel: "strict" });

const parse = (svg) => new window.DOMParser().parseFromString(svg, "text/html");
const sorted = (texts) => [...texts].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

// textOf returns the text of an HTML label, with a line break for each <br>.
const textOf = (label) => {
  label.querySelectorAll("br").forEach((br) => br.replaceWith("\n"));
  return label.textContent.trim();
};

async function renderMermaid(text) {
  const page = parse((await mermaid.render("diagram", text)).svg);
  const nodes = [...page.querySelectorAll("g.node")].map((g) => ({ text: textOf(g.querySelector(".label")), failed: g.classList.contains("failed") }));
  return { nodes, arrows: page.querySelectorAll(".edgePaths path[marker-end]").length };
}

async function renderGraphviz(text) {
  const page = parse((await Graphviz.load()).dot(text, "svg"));
  const nodes = [...page.querySelectorAll("g.node")].map((g) => ({
    text: [...g.querySelectorAll("text")].map((t) => t.textContent).join("\n").replaceAll("\u00a0", " "),
    failed: g.querySelector("[fill='#ffdddd']") !== null,
  }));
  return { nodes, arrows: page.querySelectorAll("g.edge").length };
}

for (const [file, render] of [["topology.mmd", renderMermaid], ["topology.dot", renderGraphviz]]) {
  const path = join(process.argv[2], file);
  const text = readFileSync(path, "utf8");
  const { nodes, arrows } = await render(text);
  const record = {
    SHA256: createHash("sha256").update(text).digest("hex"),
    Labels: sorted(nodes.map((n) => n.text)),
    Failed: sorted(nodes.filter((n) => n.failed).map((n) => n.text)),
    Arrows: arrows,
  };
  writeFileSync(path + ".json", JSON.stringify(record, null, 2) + "\n");
}
