package io.weir.ingest.imports;

import java.util.Locale;

/** Where an import stands. */
enum ImportState {
    QUEUED,
    RUNNING,
    SUCCEEDED,
    FAILED,
    CANCELLED;

    boolean isFinished() {
        return this != QUEUED && this != RUNNING;
    }

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
