// Around the terminal's own script, which comes before: where it finds the server, when it may begin, how it ends.
"use strict";

// Beside this page, wherever a proxy shows it.
const place = new URL("ws", window.location.href);
place.protocol = place.protocol.replace("http", "ws");
place.search = "";

// Nothing else says why a connection was closed.
const Socket = window.WebSocket;
window.WebSocket = class extends Socket {
  constructor(...given) {
    super(...given);
    let opened = false;
    this.addEventListener("open", () => {
      opened = true;
      document.querySelector(".xterm-helper-textarea").focus(); // which the screens are told of
    });
    this.addEventListener("close", (event) => {
      const gone = opened
        ? "The connection to Syncscope was lost. The terminal in which it is served says whether it still is."
        : "No more tabs can be opened now, or the server has ended. Close another tab, and start again.";
      document.getElementById("ended-words").textContent = event.reason || gone;
      document.getElementById("again").focus();
    });
  }
};

// The cells are measured once, so both weights of the font have to be there before.
const begin = window.onload;
window.onload = async (event) => {
  document.getElementById("terminal").dataset.sessionWebsocketUrl = place.href;
  document.getElementById("again").addEventListener("click", () => window.location.reload());
  await Promise.all(["16px", "bold 16px"].map((font) => document.fonts.load(`${font} "Roboto Mono"`)));
  begin(event);
};

// The terminal would take the key for a control character. Left alone, the browser pastes.
document.addEventListener(
  "keydown",
  (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "v") event.stopPropagation();
  },
  true,
);
