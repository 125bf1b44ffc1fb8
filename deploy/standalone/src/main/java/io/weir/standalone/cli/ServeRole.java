package io.weir.standalone.cli;

import java.util.Locale;

/** Which of the services a server runs. */
public enum ServeRole {
    /** Both, in one process. */
    STANDALONE(8086),
    /** Takes rows in, and shows those that are not in files yet to query replicas. */
    INGEST(8086),
    /** Answers queries over the files and the rows of ingest replicas. */
    QUERY(8087);

    private final int defaultPort;

    ServeRole(int defaultPort) {
        this.defaultPort = defaultPort;
    }

    /** The port it listens at unless told otherwise. */
    public int defaultPort() {
        return defaultPort;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
