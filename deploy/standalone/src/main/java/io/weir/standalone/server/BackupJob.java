package io.weir.standalone.server;

import io.weir.storage.backup.CopyTally;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A backup that runs or ran.
 *
 * @param id of the backup
 * @param place where to
 * @param created when it was begun
 * @param tally how far it is
 * @param state what became of it
 * @param finished when it ended; null while it runs
 * @param failure what it failed of; null when it did not
 */
record BackupJob(
        String id,
        String place,
        Instant created,
        CopyTally tally,
        State state,
        @Nullable Instant finished,
        @Nullable String failure) {

    /** What becomes of one. */
    enum State {
        RUNNING,
        SUCCEEDED,
        FAILED,
        CANCELLED;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    BackupJob ended(State how, Instant when, @Nullable String why) {
        return new BackupJob(id, place, created, tally, how, when, why);
    }
}
