// What the kernel's side of the widget carries with it, and what a saved notebook keeps of it. The rest, which is large,
// is asked of the kernel once for each page.

const pages = (globalThis.syncscopeCells ??= new Map());

function asked(model) {
  return new Promise((resolve, reject) => {
    model.on("msg:custom", function heard(message, buffers) {
      if (message.kind !== "code") return;
      model.off("msg:custom", heard);
      const url = URL.createObjectURL(new Blob([buffers[0]], { type: "text/javascript" }));
      import(/* @vite-ignore */ url).then(resolve, reject).finally(() => URL.revokeObjectURL(url));
    });
    model.send({ kind: "code" });
  });
}

function code(model) {
  const version = model.get("version");
  if (!pages.has(version)) pages.set(version, asked(model));
  return pages.get(version);
}

export default {
  initialize({ model }) {
    model.send({ kind: "here" });
  },
  async render({ model, el }) {
    const { show } = await code(model);
    return show(model, el);
  },
};
