package dev.millrace.platform.settings;

/** How work travels from the request to the run. */
public enum Mode {
  /** Runs happen in the process that took the request. */
  MAIN,
  /** Runs travel over Redis to whichever process serves them. */
  QUEUE
}
