package io.weir.standalone.server;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.weir.common.supervise.Supervisor;
import io.weir.storage.upkeep.ReaderPresence;
import java.time.Clock;
import java.util.List;
import reactor.core.scheduler.Schedulers;

/** Keeps a reader's row, as a server does. */
final class Renewals {

    private Renewals() {}

    /** A supervisor of that alone, to be closed before the reader. */
    static Supervisor of(ReaderPresence readers) {
        Supervisor supervisor =
                new Supervisor(List.of(readers), Schedulers.parallel(), Clock.systemUTC(), new SimpleMeterRegistry());
        supervisor.start();
        return supervisor;
    }
}
