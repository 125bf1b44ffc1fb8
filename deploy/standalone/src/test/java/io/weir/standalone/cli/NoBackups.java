package io.weir.standalone.cli;

import io.weir.storage.backup.CopyTally;
import io.weir.storage.backup.RestoreReport;
import io.weir.storage.backup.RestoreRequest;
import java.util.List;
import java.util.function.Consumer;

/** For commands that must not back up or restore. */
final class NoBackups implements OfflineBackups {

    private static IllegalStateException none() {
        return new IllegalStateException("no backup in this test");
    }

    @Override
    public Made backup(ServeOptions server, String place, Consumer<CopyTally> progress) {
        throw none();
    }

    @Override
    public RestoreReport restore(
            ServeOptions server, String place, RestoreRequest request, Consumer<CopyTally> progress) {
        throw none();
    }

    @Override
    public List<String> list(ServeOptions server, String place) {
        throw none();
    }
}
