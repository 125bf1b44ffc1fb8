package io.weir.standalone.cli;

import io.weir.storage.backup.BackupContents;
import io.weir.storage.backup.CopyTally;
import io.weir.storage.backup.RestoreReport;
import io.weir.storage.backup.RestoreRequest;
import java.util.List;
import java.util.function.Consumer;

/**
 * Backs up and restores the data of a server that is stopped, in this process. Each call returns when it is done, and throws a
 * {@link RuntimeException} when it failed; a {@code WeirException} somewhere among the causes has a detail fit to be shown.
 */
public interface OfflineBackups {

    /** A backup that was made. */
    record Made(String id, BackupContents contents) {}

    /**
     * Makes a backup.
     *
     * @param place URL of the place
     * @param progress hears how far it is, some times a second, in the calling thread
     */
    Made backup(ServeOptions server, String place, Consumer<CopyTally> progress);

    /** Restores one, into a data directory that is made when it is missing; otherwise like {@link #backup}. */
    RestoreReport restore(ServeOptions server, String place, RestoreRequest request, Consumer<CopyTally> progress);

    /** Ids of the backups at a place, oldest first; reached with the server's settings. */
    List<String> list(ServeOptions server, String place);
}
