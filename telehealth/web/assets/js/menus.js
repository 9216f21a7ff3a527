// Menus that lie over the page. The browser opens and closes them; here they also close when a person has moved on.

export function startMenus() {
  document.querySelectorAll("details[data-menu]").forEach((menu) => {
    const closeUnless = (stays) => { if (!stays) menu.open = false; };
    menu.addEventListener("focusout", ({ relatedTarget }) => closeUnless(!relatedTarget || menu.contains(relatedTarget)));
    document.addEventListener("pointerdown", ({ target }) => closeUnless(menu.contains(target)));
    menu.addEventListener("keydown", ({ key }) => {
      if (key !== "Escape" || !menu.open) return;
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });
}
