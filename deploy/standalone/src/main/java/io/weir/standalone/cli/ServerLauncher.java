package io.weir.standalone.cli;

/** Starts a standalone server in this process. */
@FunctionalInterface
public interface ServerLauncher {

    /**
     * Starts a server and returns once it answers requests. On SIGTERM or Ctrl-C the server stops by itself.
     *
     * @throws RuntimeException when it cannot start, and then nothing is left running; a {@code WeirException} somewhere
     *     among the causes has a detail fit to be shown
     */
    RunningServer start(ServeOptions options);
}
