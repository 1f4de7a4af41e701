/** A modal question before something that cannot be undone. */

import type { RefObject } from 'preact';

export function ConfirmDialog(props: {
  readonly dialog: RefObject<HTMLDialogElement | null>;
  readonly title: string;
  readonly text: string;
  readonly action: string;
  readonly onConfirm: () => void;
}) {
  const { dialog, title, text, action, onConfirm } = props;
  return (
    <dialog ref={dialog} aria-labelledby="confirm-title" aria-describedby="confirm-text">
      <h2 id="confirm-title">{title}</h2>
      <p id="confirm-text">{text}</p>
      <form method="dialog" class="buttons">
        <button type="submit">Cancel</button>
        <button type="submit" class="danger" onClick={onConfirm}>
          {action}
        </button>
      </form>
    </dialog>
  );
}
