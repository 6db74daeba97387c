// Shows the application in an output cell: draws what the kernel sends, and sends what the person types and does.

import { FitAddon } from "@xterm/addon-fit";
import { Unicode11Addon } from "@xterm/addon-unicode11";
import { Terminal } from "@xterm/xterm";
import terminalStyles from "@xterm/xterm/css/xterm.css";
import ownStyles from "./cell.css";

const FONTS = 'ui-monospace, "SF Mono", "Cascadia Mono", "JetBrains Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace';
const TOGETHER = 16; // milliseconds within which what is typed travels as one message
const STILL = 120; // milliseconds without a change after which a size counts

function styled() {
  if (document.getElementById("syncscope-cell-styles")) return;
  const style = document.createElement("style");
  style.id = "syncscope-cell-styles";
  style.textContent = terminalStyles + ownStyles;
  document.head.append(style);
}

function newTerminal(model) {
  const terminal = new Terminal({
    allowProposedApi: true, // the table of widths is such
    cols: model.get("columns") || 100,
    rows: model.get("rows"),
    cursorInactiveStyle: "none",
    fontFamily: FONTS,
    fontSize: 13,
    scrollback: 0,
  });
  terminal.loadAddon(new Unicode11Addon());
  terminal.unicode.activeVersion = "11";
  return terminal;
}

// What is typed is sent at once, and what follows closely is sent together: a mouse that moves says so very often.
function sender(model) {
  let waiting = "";
  let timer = 0;
  const send = () => {
    timer = 0;
    if (!waiting) return;
    model.send({ kind: "type", text: waiting });
    waiting = "";
    timer = setTimeout(send, TOGETHER);
  };
  return (text) => {
    waiting += text;
    if (!timer) send();
  };
}

function copied(data) {
  const text = data.slice(data.indexOf(";") + 1);
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  // A page may be forbidden to; the application has already said that nobody can tell whether it worked.
  navigator.clipboard?.writeText(new TextDecoder().decode(bytes)).catch(() => {});
  return true;
}

function hint(text) {
  const line = document.createElement("div");
  line.className = "syncscope-hint";
  line.textContent = text;
  return line;
}

export function show(model, el) {
  styled();
  const frame = document.createElement("div");
  frame.className = "syncscope-cell";
  frame.dataset.lmSuppressShortcuts = "true"; // how JupyterLab is told to leave keys alone
  const below = hint("Click to use it · Shift+Esc gives the keys back to the notebook");
  el.append(frame, below);

  const terminal = newTerminal(model);
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  const behind = (background) => {
    frame.style.background = background;
    terminal.options.theme = { background, cursor: background };
  };
  behind(model.get("background"));
  const focused = () => frame.contains(document.activeElement);
  let opened = false;

  const wish = () => {
    const fitting = fit.proposeDimensions();
    return {
      columns: model.get("columns") || fitting?.cols || terminal.cols,
      rows: fitting?.rows || terminal.rows,
    };
  };
  const claim = (kind) => {
    const { columns, rows } = wish();
    if (kind === "size" && columns === terminal.cols && rows === terminal.rows) return;
    model.send({ kind, columns, rows });
  };

  // Opened when there is room, as letters cannot be measured before; a cell may be made in a hidden page.
  const open = () => {
    opened = true;
    terminal.open(frame);
    const height = frame.querySelector(".xterm-screen").getBoundingClientRect().height;
    const { paddingTop, paddingBottom } = getComputedStyle(terminal.element);
    frame.style.height = `${Math.ceil(height + parseFloat(paddingTop) + parseFloat(paddingBottom))}px`;
    terminal.textarea.addEventListener("focus", () => claim("size"));
    claim("show");
  };
  let still = 0;
  const observer = new ResizeObserver(() => {
    if (!frame.clientWidth) return;
    if (!opened) return open();
    clearTimeout(still);
    still = setTimeout(() => frame.clientWidth && claim("size"), STILL);
  });
  observer.observe(frame);

  const type = sender(model);
  terminal.onData(type);
  terminal.onBinary(type);
  terminal.parser.registerOscHandler(52, (data) => !focused() || copied(data));
  terminal.attachCustomWheelEventHandler(focused); // else a page could not be scrolled past it
  terminal.attachCustomKeyEventHandler((event) => {
    if (event.key === "Escape" && event.shiftKey) {
      if (event.type === "keydown") {
        terminal.blur();
        el.closest("[tabindex]")?.focus();
      }
      return false;
    }
    // Left to the browser, which pastes what the person copied anywhere.
    return !(event.ctrlKey && !event.altKey && event.key.toLowerCase() === "v");
  });
  for (const each of ["keydown", "keypress", "keyup"]) frame.addEventListener(each, (event) => event.stopPropagation());

  const kinds = {
    draw({ frame: number, columns, rows, background, text }) {
      if (background !== terminal.options.theme.background) behind(background);
      if (columns !== terminal.cols || rows !== terminal.rows) terminal.resize(columns, rows);
      terminal.write(text, () => model.send({ kind: "drawn", frame: number }));
    },
    open({ url }) {
      if (focused() && /^https?:/.test(url)) window.open(url, "_blank", "noopener");
    },
    ended({ words }) {
      below.textContent = words;
      frame.remove();
    },
  };
  const heard = (message) => kinds[message.kind]?.(message);
  model.on("msg:custom", heard);

  return () => {
    model.off("msg:custom", heard);
    observer.disconnect();
    clearTimeout(still);
    terminal.dispose();
  };
}
