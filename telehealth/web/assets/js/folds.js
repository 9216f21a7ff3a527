// What an address points to may be folded away. New browsers unfold it by themselves; this does it for the others.

export function startFolds() {
  addEventListener("hashchange", unfold);
  unfold();
}

function unfold() {
  const target = document.querySelector(":target");
  const folds = [];
  for (let fold = target?.closest("details"); fold; fold = fold.parentElement.closest("details")) folds.push(fold);
  if (folds.every(({ open }) => open)) return;
  folds.forEach((fold) => { fold.open = true; });
  target.scrollIntoView();
}
