import { css } from "lit";

/** The icons and drawings of `views/icons.ts`, and their movement. */
export const drawings = css`
  .icon {
    flex: none;
    width: 22px;
    height: 22px;
  }
  svg {
    fill: none;
    stroke: currentColor;
    stroke-width: 1.75;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  .ring {
    flex: none;
    width: 100px;
    height: 100px;
    color: var(--muted);
  }
  .track {
    stroke: var(--line);
    stroke-width: 4;
  }
  .arc {
    stroke: var(--accent-ink);
    stroke-width: 4;
    stroke-dasharray: 100;
    transform: rotate(-90deg);
    transform-box: fill-box;
    transform-origin: center;
    transition: stroke-dashoffset 1s linear;
  }
  .turning {
    stroke-dasharray: 22 78;
    animation: turn 1.4s linear infinite;
  }
  .device {
    fill: var(--soft);
  }
  .prompt {
    fill: var(--background);
    stroke: var(--accent-ink);
  }
  .lit {
    stroke: var(--accent-ink);
  }
  .pin {
    stroke-width: 4.5;
  }
  .spinner {
    stroke-dasharray: 70 30;
    transform-origin: center;
    animation: turn 0.9s linear infinite;
  }
  .badge {
    flex: none;
    width: 56px;
    height: 56px;
    stroke-width: 3.25;
  }
  .badge circle {
    stroke: none;
  }
  .good {
    color: var(--on-accent);
  }
  .good circle {
    fill: var(--accent);
  }
  .warm {
    color: var(--warm);
  }
  .warm circle {
    fill: var(--warm-soft);
  }
  .draws {
    stroke-dasharray: 1;
    animation: draw 0.2s ease-out 0.05s backwards;
  }
  @keyframes draw {
    from {
      stroke-dashoffset: 1;
    }
  }
  @keyframes turn {
    from {
      transform: rotate(0);
    }
    to {
      transform: rotate(1turn);
    }
  }
`;
