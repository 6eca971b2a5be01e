// Back never leads to the answer to a refused form, which a browser could only show by sending the form once more:
// as it is sent again, the bare form takes its place in the history. Nothing of what was typed is kept for that.
document.addEventListener("submit", ({ target }) => {
  if (target.dataset.again) history.replaceState(null, "", target.dataset.again);
});
