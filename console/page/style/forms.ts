/** Buttons, and everything that is filled in. */
export const FORMS = `
/* ---- forms: .button (.primary, .danger), .actions, form.action, form.search, .field, .hint, .error, .check */
input, select, textarea, button, .button { font: inherit; color: var(--text); background: var(--ground); border: 1px solid var(--edge); border-radius: 6px; padding: 0.4rem 0.7rem; max-width: 100%; }
button, .button, select, input:not([type="checkbox"], [type="radio"]) { min-height: 2.5rem; }
input[type="checkbox"], input[type="radio"] { width: 1.15rem; height: 1.15rem; margin: 0.2rem 0.5rem 0 0; padding: 0; flex: none; accent-color: var(--link); }
textarea { display: block; width: 100%; min-height: 5rem; resize: vertical; }
::placeholder { color: var(--quiet); opacity: 1; }
button, .button { display: inline-flex; align-items: center; justify-content: center; background: var(--raised); font-weight: 600; line-height: 1.4; text-align: center; text-decoration: none; cursor: pointer; }
button:hover, .button:hover { border-color: var(--text); }
button.primary, .button.primary { background: var(--primary); border-color: var(--primary); color: var(--on-primary); }
.button.danger, button.danger { background: var(--ground); border-color: var(--danger); color: var(--danger); }
form.action button.danger { background: var(--danger); color: var(--on-danger); }
button.primary:hover, .button.primary:hover, .button.danger:hover, button.danger:hover { text-decoration: underline; }
button:disabled { color: var(--quiet); border-style: dashed; cursor: default; }
.actions { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem; margin: 0.75rem 0; padding: 0; list-style: none; }
.actions form { margin: 0; }
fieldset { border: 1px solid var(--line); border-radius: 8px; margin: 0 0 1rem; padding: 0.75rem 1rem 1rem; min-width: 0; }
legend { font-weight: 600; padding: 0 0.35rem; }
label, .field > label { font-weight: 600; }
.field { margin: 0 0 1rem; }
.field > label, form.action > label { display: block; margin-bottom: 0.2rem; }
.field > input:not([type="checkbox"], [type="radio"]), .field > select { width: 100%; }
.fields { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(15rem, 100%), 1fr)); gap: 0 1rem; }
.hint { font-weight: 400; font-size: 0.875rem; color: var(--quiet); margin: 0.2rem 0; }
.error { font-size: 0.875rem; font-weight: 600; color: var(--danger); margin: 0.2rem 0; }
[aria-invalid="true"] { border-color: var(--danger); border-width: 2px; }
.check { display: flex; align-items: flex-start; margin: 0.35rem 0; }
.check > label, label.check { font-weight: 400; min-width: 0; }
form.action { max-width: 44rem; margin: 1rem 0; }
form.action > p:has(> button) { display: flex; flex-wrap: wrap; align-items: center; gap: 0.75rem; margin-top: 1rem; }
form.action input:not([type="checkbox"], [type="radio"], [type="file"]), form.action select { width: 100%; }
form.search { display: flex; flex-wrap: wrap; align-items: end; gap: 0.5rem; margin: 0.5rem 0 1rem; }
form.search > * { min-width: 0; }
form.search > :is(a, .check) { display: inline-flex; align-items: center; min-height: 2.5rem; margin: 0; }
form.search .check > input { margin-top: 0; }
form.search label { display: block; font-size: 0.875rem; font-weight: 400; color: var(--quiet); }
form.search input[type="search"] { width: min(26rem, 100%); }
form.search .check, form.search .check label { display: flex; align-items: center; margin: 0; }
form.search .check { min-height: 2.5rem; }
.search-box input[type="search"] { flex: 1 1 12rem; max-width: 34rem; min-width: 0; }
@media (max-width: 40rem) {
  form.search > div, form.search > p, form.search input[type="search"] { flex: 1 1 100%; width: 100%; }
}
`;
