package io.weir.standalone.cli;

/** A server that answers requests in this process. */
public interface RunningServer extends AutoCloseable {

    /** The port it listens on. */
    int port();

    /** Waits until the server has stopped, for whatever reason. */
    void awaitStop() throws InterruptedException;

    /** Stops in order, so that nothing acknowledged is lost, and returns when done; does nothing the second time. */
    @Override
    void close();
}
