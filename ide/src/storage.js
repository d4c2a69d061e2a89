// What GraphiQL remembers. Looks outlive the browser; operations, variables and
// whatever else may hold a secret end with the browser tab.
const LOOKS = ["theme", "docExplorerFlex", "editorFlex", "secondaryEditorFlex"];

function home(key) {
  return LOOKS.some((name) => key.endsWith(`:${name}`)) ? localStorage : sessionStorage;
}

export const storage = {
  getItem: (key) => home(key).getItem(key),
  setItem: (key, value) => home(key).setItem(key, value),
  removeItem: (key) => home(key).removeItem(key),
  clear: () => sessionStorage.clear(),
  get length() {
    return sessionStorage.length;
  },
};
